"""Indonesian names: bring them into one form, compare them, say why.

Nothing here asks a registry. ``compare`` tells whether two names may be one person's; only a registry can
tell that they are. The rules stand in ``docs/explanation/names.md``, the tables in ``data/``.
"""

from padan.names.comparison import Comparison, Verdict, compare
from padan.names.disclosure import Told, told_of
from padan.names.editions import DEFAULT, models
from padan.names.models import Feature, Handling, Model, Rule
from padan.names.reading import LONGEST_NAME, MOST_WORDS, normalise
from padan.names.reasons import MESSAGES, Reason

__all__ = [
    "DEFAULT",
    "LONGEST_NAME",
    "MESSAGES",
    "MOST_WORDS",
    "Comparison",
    "Feature",
    "Handling",
    "Model",
    "Reason",
    "Rule",
    "Told",
    "Verdict",
    "compare",
    "models",
    "normalise",
    "told_of",
]
