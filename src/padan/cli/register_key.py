"""That no load seals the register under another key by mistake: who answers from it could not any more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from padan.settings import Settings


def refuse_another_key(settings: Settings) -> None:
    """Raise RegisterKeyError where the register is sealed under a key that is not in the keys' folder.

    Raises RegisterUnavailable where the register cannot be read now.
    """
    from padan.main import register_form
    from padan.register import KEY_FILE, RegisterKeyError

    stored = _sealed_under(settings)
    path = settings.keys_folder / KEY_FILE
    if not stored:
        return
    if not path.exists():
        raise RegisterKeyError(
            f"the register is sealed, and its key {path} is missing. Restore it from a backup of the keys, "
            f"or copy it from a machine that answers from this register. If it is lost, make another one "
            f"with --new-key: every machine that answers then needs that"
        )
    if register_form(settings, sealed=True)().check != stored:
        raise RegisterKeyError(
            f"the register is sealed under another key than {path}. Restore the right one from a backup of "
            f"the keys, or copy it from a machine that answers from this register. To seal this load under "
            f"the one that is there, say --new-key: every machine that answers then needs that"
        )


def _sealed_under(settings: Settings) -> str:
    from padan.app.ports.registers import RegisterDamaged, RegisterMissing
    from padan.main import register_of
    from padan.register import Plain

    register = register_of(settings, Plain())

    async def ask() -> str:
        try:
            return await register.sealed_under()
        except (RegisterMissing, RegisterDamaged):
            return ""
        finally:
            await register.close()

    return asyncio.run(ask())
