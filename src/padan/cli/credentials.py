"""Whether a registry would be asked with the sandbox's credentials: for `padan serve` and `padan doctor`."""

from __future__ import annotations

from padan.settings import PREFIX, Settings

_CREDENTIALS = ("dukcapil_customer", "dukcapil_user", "dukcapil_password")


def sandbox_credentials(settings: Settings) -> str | None:
    """Which credentials are still the sandbox's, in a sentence; None where none is.

    A real registry that is asked with them refuses, and may lock the account.
    """
    defaults = Settings()
    unset = [name for name in _CREDENTIALS if getattr(settings, name) == getattr(defaults, name)]
    if not unset:
        return None
    return ", ".join(PREFIX + name.upper() for name in unset) + " still as in the sandbox; set your own"


def sandbox_credentials_in_live(settings: Settings) -> str | None:
    """The same, where a registry that is asked in Live is beyond this machine; a simulator is on it."""
    from urllib.parse import urlsplit

    from padan.registries.dukcapil_settings import is_loopback

    urls = [url for url in (settings.dukcapil_url, settings.dukcapil_standby_url) if url is not None]
    leaves = any(not is_loopback(urlsplit(url).hostname or "") for url in urls)
    return sandbox_credentials(settings) if leaves else None
