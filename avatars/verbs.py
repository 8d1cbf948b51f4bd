"""English verbs of office work, and their forms."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as a set: tables of words stay readable that way."""
    return frozenset(text.split())


def phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """Phrases with commas between them, each as its words."""
    return tuple(tuple(phrase.split()) for phrase in text.split(", "))


_ACTION = word_set("""
accept add address adjust align analyse analyze announce answer apply appoint approach approve archive
arrange ask assemble assess assign attach attend audit automate back back-up backup bake balance begin
bill block book borrow brief bring budget build buy calculate call cancel capture carry catch change
charge chase check choose circulate clarify clean clear close collate collect combine come compare
compile complete compose conduct configure confirm connect consolidate consult contact contribute convert
cook coordinate copy correct count cover create customise cut debug decide decorate define delegate
delete deliver demo deploy describe design determine develop digitise disable discuss dispatch distribute
document donate double-check download draft draw drive drop edit email empty enable encrypt enter
escalate establish estimate evaluate examine exchange expand explain explore export extend extract feed
fetch figure file fill finalise finalize find finish fix follow forward gather generate get give go grab
greet hand handle hang help hire hold host identify implement import improve inform inspect install
interview introduce inventory investigate invite invoice involve issue join keep label launch lay lead
lend list load localise lock log look mail maintain make manage map mark measure meet mend mention merge
message migrate mock model moderate monitor mount move negotiate note notify obtain offer onboard open
order organise organize outline pack package paint patch pay perform phone photograph pick pilot ping
place plan polish post postpone practice practise prepare present price print prioritise prioritize
process procure produce program prolong proofread propose prototype provide publish purchase push put
query raise rank read rearrange rebook rebuild recalculate recheck record recruit recycle redesign redo
reduce refactor refill refine refresh refund register rehearse reinstall release remind remove rename
renew rent reorder reorganise repair repeat replace reply report reproduce request reschedule research
reserve reset resolve respond restart restock restore retest retrieve return review revise revoke rewrite
ring rotate run sample save scan schedule scope screen search secure select sell send separate serve set
settle setup shape share ship shoot shorten show sign simplify sketch solve sort source speak split
sponsor staff stage start stock stop store streamline study submit sum summarise summarize supply support
survey swap switch sync take talk teach tell test tidy track train transcribe transfer translate
transport triage trim try turn type unblock unlock unpack update upgrade upload validate verify visit
walk wash watch water work wrap write
adopt advertise advise annotate apologise apologize assist attach benchmark calibrate catalogue coach
congratulate convince defrost deposit dig disconnect downgrade dust enrol enroll film forecast format glue
highlight hoover insulate insure laminate mend mix mop mow narrate nominate paste peel persuade pitch plant
plug polish pour promote pull rearrange recharge reconcile reconnect recount reload reopen repaint reprint
reread rerun resend resubmit retake retry rework rewire roll sand sew shred solder stack stamp staple
supervise sweep thank tow tune tutor uninstall unload unplug unwrap vacuum varnish vote warn weigh welcome
weld
""")

_STATE = word_set("""
agree allow appear be become believe belong care cause cost decline depend deserve differ disappear
dislike end enjoy exist expect fail fall feel fit forget grow happen hate have hear hope hurt imagine
know last learn leave let lie like live look lose love matter mean miss need owe own pass prefer quit
rain react realise recognise remain remember rise see seem sit sleep smell snow sound stand stay stick
succeed suffer suppose survive suspect taste think trust understand use vary wait want win wish wonder
worry
""")

_IRREGULAR = {
    "be": ("is", "was", "been", "being", "are", "were", "am"),
    "begin": ("began", "begun"), "become": ("became",), "bring": ("brought",), "build": ("built",),
    "buy": ("bought",), "catch": ("caught",), "choose": ("chose", "chosen"), "come": ("came",),
    "cost": ("cost",), "cut": ("cut",), "do": ("does", "did", "done", "doing"), "draw": ("drew", "drawn"),
    "drive": ("drove", "driven"), "fall": ("fell", "fallen"), "feed": ("fed",), "feel": ("felt",),
    "find": ("found",), "fit": ("fit",), "forget": ("forgot", "forgotten"), "get": ("got", "gotten"),
    "give": ("gave", "given"), "go": ("goes", "went", "gone"), "grow": ("grew", "grown"), "hang": ("hung",),
    "have": ("has", "had"), "hear": ("heard",), "hold": ("held",), "hurt": ("hurt",), "keep": ("kept",),
    "know": ("knew", "known"), "lay": ("laid",), "lead": ("led",), "learn": ("learnt",), "leave": ("left",),
    "lend": ("lent",), "let": ("let",), "lose": ("lost",), "make": ("made",), "mean": ("meant",),
    "meet": ("met",), "pay": ("paid",), "proofread": ("proofread",),
    "put": ("put",), "quit": ("quit",), "read": ("read",),
    "rebuild": ("rebuilt",), "redo": ("redoes", "redid", "redone"), "reset": ("reset",),
    "rewrite": ("rewrote", "rewritten"), "ring": ("rang", "rung"), "rise": ("rose", "risen"),
    "run": ("ran",), "say": ("said",), "see": ("saw", "seen"), "sell": ("sold",), "send": ("sent",),
    "set": ("set",), "shoot": ("shot",), "show": ("shown",), "shut": ("shut",), "sit": ("sat",),
    "sleep": ("slept",), "speak": ("spoke", "spoken"), "spend": ("spent",), "split": ("split",),
    "stand": ("stood",), "stick": ("stuck",), "take": ("took", "taken"), "teach": ("taught",),
    "tell": ("told",), "think": ("thought",), "understand": ("understood",), "win": ("won",),
    "withdraw": ("withdrew", "withdrawn"), "write": ("wrote", "written"),
}  # fmt: skip

_DOUBLING = word_set(
    "begin cut drop fit get hit let map plan put quit refer reset run scan set shop ship shut sit split stop "
    "submit swap trim wrap log tag win transfer commit nag debug pin ban cancel"
)

ACTION_VERBS = _ACTION | {"do", "shut", "withdraw", "tag", "spend", "liaise", "touch", "nudge", "loop"}
"""Base forms of what people do at work."""
STATE_VERBS = _STATE | {"say"}
"""Base forms of what people feel, know or are; they seldom make a task."""
VERBS = ACTION_VERBS | STATE_VERBS


def third_person(base: str) -> str:
    """ "send" -> "sends", "go" -> "goes", "reply" -> "replies"."""
    if base in ("be", "have"):
        return {"be": "is", "have": "has"}[base]
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        return base + "es"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def gerund(base: str) -> str:
    """ "send" -> "sending", "write" -> "writing", "plan" -> "planning"."""
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")) and base != "be":
        return base[:-1] + "ing"
    return base + base[-1] + "ing" if base in _DOUBLING else base + "ing"


def regular_past(base: str) -> str:
    """ "check" -> "checked", "move" -> "moved", "reply" -> "replied"."""
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ied"
    return base + base[-1] + "ed" if base in _DOUBLING else base + "ed"


def _table() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    thirds, gerunds, pasts = {}, {}, {}
    for base in sorted(VERBS | _IRREGULAR.keys()):
        thirds[third_person(base)] = base
        gerunds[gerund(base)] = base
        irregular = [
            form for form in _IRREGULAR.get(base, ()) if form not in (third_person(base), "being", "doing")
        ]
        for form in irregular or [regular_past(base)]:
            pasts[form] = base
    return thirds, gerunds, pasts


THIRD_PERSON, GERUNDS, PASTS = _table()
"""From a form to its base form."""
UNCHANGED_PASTS = word_set("cost cut fit hurt let proofread put quit read reset set shut split")
"""Pasts that look like the base form, so they say nothing about time."""

VERB_SOUNDS = {
    "arrive": "write", "ride": "write", "arrives": "write", "booked": "book", "loop": "look", "sank": "send",
    "right": "write", "rite": "write", "wright": "write", "sand": "send", "cent": "send",
    "scent": "send", "by": "buy", "bye": "buy", "cole": "call", "cool": "call", "coal": "call",
    "red": "read", "revue": "review", "meat": "meet", "chuck": "check", "chick": "check",
    "cheque": "check", "six": "fix", "older": "order", "border": "order", "brook": "book",
    "buck": "book", "sine": "sign", "rap": "wrap", "pane": "pay", "male": "mail", "fined": "find",
    "scheduled": "schedule", "tests": "test", "text": "test", "tech": "take", "plane": "plan",
    "sheer": "share", "prince": "print",
}  # fmt: skip
"""What recognisers write where only a verb can stand, and the verb that sounds like it."""


def is_base(word: str) -> bool:
    """Whether a word can be the base form of a known verb."""
    return word in VERBS


def base_of(word: str) -> str | None:
    """The base form of any form of a known verb; None for other words."""
    if word in VERBS:
        return word
    return THIRD_PERSON.get(word) or GERUNDS.get(word) or PASTS.get(word)
