"""Classes of variants of a whole name: titles, order, spaces, missing words. Each function says its rule.

As in ``spelling``, a generator returns the same person under a changed name, or None where its rule does not
apply.
"""

from random import Random

from bench.names.people import Person, known, raw_words

_SPLIT_RESTS = frozenset(
    (
        *("HAYATI", "AINI", "AENI", "HASANAH", "KHASANAH", "JANNAH", "HIDAYAH", "HIDAYATI"),
        *("LAILA", "LELA", "AZIZAH", "FADILAH", "FITRI", "HUDA", "CAHYO", "CAHYATI", "CAHYANI"),
        *("YANTO", "YANTI", "LINA", "DIANA", "MALA", "MALASARI", "HALIMAH", "HALIZA", "WAHYUNI"),
        *("HANDAYANI", "HARTATI", "MULYATI", "RAHMAN", "YANA", "AISAH", "AISYAH", "HIDAYAT"),
        *("HADI", "SYIFA", "UTAMI", "BAITI", "HAIDA", "SIAH", "YATI", "RAHMAH", "DIN"),
        *("DIANSYAH", "SALIM", "ANI", "MIATI", "WATI", "WANTO", "RAHIM", "PUTRA", "PUTRI"),
        *("LESTARI", "SARI", "JAYANTI", "ATMOKO", "SANTI", "SAKINAH", "WAHIDAH"),
        *("AZIZAH", "AFNI", "LIANA", "KHOLIS", "BAYA", "JANAH", "LAELA", "FAIZAH", "AIDA", "AIDAH"),
        *("ROHMAN", "ROHIM", "HASAN", "HAKIM", "FADILLAH", "FAUZI", "FITRI", "FITRIANI", "JAMAN"),
        *("ATMOJO", "WIBOWO", "HAPSARI", "MULYANI", "PRASETYO", "KURNIAWAN", "CAHYA", "PUTRO"),
        *("SAPUTRA", "PRATAMA", "WARDANI", "RAHAYU", "AMINAH", "HIKMAH", "HALIM", "HABIBAH"),
        *("SYAMSI", "SYIDAH", "BAITI", "LAILI", "LAELI", "SALIM", "SAIDAH", "MAYA", "MILA"),
    )
)
"""What stands behind the first part of a word that is written as two."""


CHRISTIANS = frozenset({"eastern", "batak", "chinese", "nias", "toraja", "dayak"})
LEGAL_RANKS = frozenset({"ANDI", "TEUKU", "CUT", "TUBAGUS", "LALU", "BAIQ"})
LIMITS = (25, 30, 35, 40, 50)

BEFORE = ("DR.", "DR", "IR.", "PROF.", "PROF. DR.", "DRG.", "NS.", "APT.")
BEFORE_MAN, BEFORE_WOMAN = ("DRS.", "DRS", "DRS. H."), ("DRA.", "DRA", "DRA. HJ.")
AFTER = (
    ", S.H.",
    ", S.E.",
    ", S.PD.",
    ", S.KOM.",
    ", M.T.",
    ", M.SI.",
    ", PH.D.",
    ", A.MD.",
    ", S.T., M.T.",
    ", SH",
    ", SE",
    ", S.PD.I.",
    ", M.PD.",
    ", S.SOS., M.SI.",
    ", S.AG.",
    ", S.KEP., NS.",
    ", SPD",
    ", M.KOM",
    ", S.IP.",
    " S.PD.",
    " S.E.",
    " S.H.",
    " S.KOM.",
    ", SP.PD.",
    ", A.MD.KEB.",
    ", S.FARM., APT.",
    ", M.B.A.",
    ", LC.",
    ", S.PSI.",
)
RANKS = (
    "KOMPOL",
    "AKP",
    "AKBP",
    "BRIGJEN",
    "BRIGJEN POL.",
    "LETKOL",
    "LETKOL INF.",
    "SERDA",
    "SERTU",
    "SERKA",
    "KAPTEN",
    "MAYOR",
    "BRIPKA",
    "BRIPTU",
    "BRIPDA",
    "AIPTU",
    "AIPDA",
    "IPDA",
    "IPTU",
    "PRATU",
    "PRAKA",
    "KOLONEL",
    "LETTU",
    "LETDA",
    "PELTU",
    "KOMBES",
    "KOMBES POL.",
    "BRIGADIR",
    "KOPDA",
    "KOPTU",
    "MAYJEN",
    "LETJEN",
)


def academic_title(person: Person, draw: Random) -> Person | None:
    """10: a degree or the title of a profession before the name, after it, or both."""
    own = BEFORE + (BEFORE_MAN if person.sex == "M" else BEFORE_WOMAN)
    place = draw.random()
    before = [draw.choice(own)] if place < 0.4 or place > 0.9 else []
    after = draw.choice(AFTER) if place >= 0.4 else ""
    return person.with_words([*before, person.text + after])


def rank(person: Person, draw: Random) -> Person | None:
    """11: a rank of the army or the police before the name, retired ones with (Purn.)."""
    retired = ["(PURN.)"] if draw.random() < 0.15 else []
    if draw.random() < 0.1:
        return person.with_words([draw.choice(RANKS), *person.words, "(PURN.)"])
    return person.with_words([draw.choice(RANKS), *retired, *person.words])


def religious_title(person: Person, draw: Random) -> Person | None:
    """12: H., Hj., K.H. and Ust. of Muslims, Pdt., Rm. and Sr. of Christians."""
    if person.people == "balinese":
        return None
    if person.people in CHRISTIANS:
        man, woman = ["PDT.", "PDT", "RM."], ["PDT.", "SR."]
    else:
        man, woman = ["H.", "H.", "H", "K.H.", "KH.", "UST."], ["HJ.", "HJ.", "HJ", "USTZ."]
    titles = man if person.sex == "M" else woman
    return person.with_words([draw.choice(titles), *person.words])


def nobility(person: Person, draw: Random) -> Person | None:
    """13: R. and its family before a Javanese or Sundanese name; the short form of Tubagus, Teuku and
    Sutan."""
    short = {"TUBAGUS": "TB.", "TEUKU": "T.", "SUTAN": "ST."}
    if person.words[0] in short:
        return person.with_words([short[person.words[0]], *person.words[1:]])
    if person.people not in {"javanese", "sundanese"}:
        return None
    man = ("R.", "R", "RADEN", "R.M.", "RADEN MAS", "K.R.T.")
    woman = ("RR.", "RR", "R.A.", "RADEN AJENG", "RADEN RORO", "R.")
    return person.with_words([draw.choice(man if person.sex == "M" else woman), *person.words])


def nobility_missing(person: Person, draw: Random) -> Person | None:  # noqa: ARG001
    """13, partial: Andi, Teuku, Cut, Tubagus, Lalu or Baiq left out, though it is part of the legal name."""
    return (
        person.with_words(person.words[1:])
        if person.words[0] in LEGAL_RANKS and len(person.words) > 2
        else None
    )


def descent(person: Person, draw: Random) -> Person | None:
    """14: bin or binti and the father's name, which the other side leaves out; now and then an alias."""
    if person.people in CHRISTIANS | {"balinese"}:
        return None
    father = (
        _other("muslim.male", person, draw)
        if draw.random() < 0.6
        else _other("javanese.one_male", person, draw)
    )
    if draw.random() < 0.15:
        return person.with_words([*person.words, draw.choice(("ALIAS", "AL.")), father])
    links = (
        ("BIN", "BIN", "BIN", "ANAK DARI") if person.sex == "M" else ("BINTI", "BINTI", "BINTI", "ANAK DARI")
    )
    link = draw.choice(links)
    return person.with_words([*person.words, link, father])


def _other(name: str, person: Person, draw: Random) -> str:
    return draw.choice([word for word in raw_words()[name] if word not in person.words])


def padding(person: Person, draw: Random) -> Person | None:
    """15: what a form that wants two words makes of a name of one: the word twice, Mr, a dash, a dot, FNU,
    LNU."""
    if len(person.words) != 1:
        return None
    word = person.words[0]
    polite = "MR" if person.sex == "M" else draw.choice(("MRS", "MS"))
    ways = (
        f"{word} {word}",
        f"{word} {word}",
        f"{polite} {word}",
        f"{word} -",
        f"{word} .",
        f"FNU {word}",
        f"{word} LNU",
    )
    return person.with_words([draw.choice(ways)])


def balinese_form(person: Person, draw: Random) -> Person | None:
    """16: I or Ni dropped or joined; Gede, Ketut, Ida Bagus and Ida Ayu in their short forms; Ni before
    Luh."""
    words, ways = person.words, []
    if person.people != "balinese":
        return None
    if words[0] in {"I", "NI"}:
        ways += [list(words[1:]), list(words[1:]), [words[0] + words[1], *words[2:]]]
    if words[:2] in {("IDA", "BAGUS"), ("IDA", "AYU")}:
        letter = words[1][0]
        ways += [[f"I.{letter}.", *words[2:]], [f"I{letter}", *words[2:]], ["IDA" + words[1], *words[2:]]]
    if words[0] == "LUH":
        ways += [["NI", *words]]
    short = {"GEDE": ("GDE", "GD."), "KETUT": ("KT.", "KTUT"), "KOMANG": ("KOMING",)}
    for place, word in enumerate(words[:-1]):
        if word in short:
            ways += [[*words[:place], draw.choice(short[word]), *words[place + 1 :]]]
    return person.with_words(draw.choice(ways)) if ways else None


def clan_form(person: Person, draw: Random) -> Person | None:
    """17: the clan before the name; br. or boru before a woman's Batak clan."""
    if not person.clan or len(person.words) < 2:
        return None
    *given, clan = person.words
    if person.people == "batak" and person.sex == "F" and draw.random() < 0.7:
        return person.with_words([*given, draw.choice(("BR", "BR.", "BORU")), clan])
    return person.with_words([clan, *given])


def clan_missing(person: Person, draw: Random) -> Person | None:
    """17, partial: the clan left out, or only its first letter left."""
    if not person.clan or len(person.words) < 2:
        return None
    *given, clan = person.words
    return person.with_words(given if draw.random() < 0.7 else [*given, clan[0] + "."])


def dual_name(person: Person, draw: Random) -> Person | None:
    """18: the Chinese name of somebody whose card has an Indonesian one; no rule leads from one to the
    other."""
    if person.people != "chinese" or person.words[0] in raw_words()["chinese.shi"]:
        return None
    lists = raw_words()
    return person.with_words([draw.choice(lists["chinese.shi"]), draw.choice(lists["chinese.given"])])


def initials(person: Person, draw: Random) -> Person | None:
    """4: every word but the first as its initial, or the first alone as one."""
    if len(person.words) < 2 or any(len(word) < 3 for word in person.words):
        return None
    dot = draw.choice((".", ".", ""))
    # M., A. and St. are short forms, and H. is a title.
    if draw.random() < 0.3 and person.words[0][0] not in "MAH" and person.words[0] != "SITI":
        return person.with_words([person.words[0][0] + dot, *person.words[1:]])
    return person.with_words([person.words[0], *(word[0] + dot for word in person.words[1:])])


def middle_missing(person: Person, draw: Random) -> Person | None:
    """19: a middle word left out."""
    inner = range(1, len(person.words) - 1)
    if not inner or any(len(word) < 3 for word in person.words):
        return None
    gone = draw.choice(inner)
    return person.with_words([*person.words[:gone], *person.words[gone + 1 :]])


def word_order(person: Person, draw: Random) -> Person | None:
    """20: the last word first, as airlines and passports write it; ABDUL stays before its word."""
    words = person.words
    if (
        len(words) < 2
        or any(len(word) < 3 for word in words)
        or person.people == "balinese"
        or "ABDUL" in words
    ):
        return None
    family_first = words[0] in raw_words()["chinese.shi"]
    if family_first or (len(words) > 2 and draw.random() < 0.2):
        return person.with_words([*words[1:], words[0]])
    return person.with_words([words[-1], *words[:-1]])


def joined(person: Person, draw: Random) -> Person | None:
    """21: Nur, Abdul, Sri, Siti, Dwi, Eka, Tri and the next word as one, or apart; rarely any two words as
    one."""
    words = list(person.words)
    for start in ("NUR", "ABDUL", "SRI", "SITI", "DWI", "EKA", "TRI"):
        for place, word in enumerate(words):
            if word == start and place + 1 < len(words):
                return person.with_words([*words[:place], word + words[place + 1], *words[place + 2 :]])
            rest = word.removeprefix(start)
            if word.startswith(start) and rest != word and rest in _SPLIT_RESTS:
                return person.with_words([*words[:place], start, rest, *words[place + 1 :]])
    if len(words) < 2 or min(map(len, words)) < 3 or draw.random() < 0.9:
        return None
    place = draw.randrange(len(words) - 1)
    return person.with_words([*words[:place], words[place] + words[place + 1], *words[place + 2 :]])


def truncated(person: Person, draw: Random) -> Person | None:  # noqa: ARG001
    """24: cut at the length of a bank card or a ticket, inside the last word, of which half or more is
    left, and no other name."""
    text, last = person.text, person.words[-1]
    for limit in LIMITS:
        left = limit - (len(text) - len(last))
        if limit < len(text) and left >= max(3, len(last) / 2) and last[:left] not in known():
            return person.with_words([text[:limit]])
    return None


def cut_short(person: Person, draw: Random) -> Person | None:  # noqa: ARG001
    """24, partial: cut at such a length so that less than half of the last word, but no single letter of it,
    or nothing, is left."""
    text, last = person.text, person.words[-1]
    for limit in LIMITS:
        left = limit - (len(text) - len(last))
        if limit < len(text) and 0 <= left < max(3, len(last) / 2) and left != 1:
            return person.with_words([text[:limit].strip()])
    return None


def form_of_address(person: Person, draw: Random) -> Person | None:
    """26: Ny., Ibu, Bpk., Tn., Sdr. before the name."""
    man = ("BPK.", "BPK", "BAPAK", "TN.", "SDR.", "SDR")
    woman = ("NY.", "NY", "IBU", "NN.", "SDRI.", "MRS")
    return person.with_words([draw.choice(man if person.sex == "M" else woman), *person.words])


def husband_added(person: Person, draw: Random) -> Person | None:
    """26, partial: the husband's name put after a woman's."""
    if person.sex != "F" or len(person.words) > 2:
        return None
    man = _other("javanese.male_last", person, draw)
    return person.with_words([*(["NY."] if draw.random() < 0.5 else []), *person.words, man])
