"""Words that people put in front of what they say, and what they tell about it."""

from __future__ import annotations

_LEADS = {
    "noted": (
        "oh dear, oh no, oh my, dear me, "
        "just to confirm, to confirm, to recap, to sum up, for the minutes, for the record, action item "
        "for, action item, action point for, action point, action for, next step is that, next step, to "
        "do for, task for, new task for, new task, a task for, the plan is that, the plan is, please note "
        "that, please note, note that, note down that, please remember that, remember that, write down "
        "that, please write down that, write down, make a note that, take a note that, please take a note "
        "that, put down that, can you note that, could you note that, can you write down that, could you "
        "write down that, please put on the list that, remind us that, put on the board that, note down, "
        "add a task, create a task, the action is for, as agreed, as discussed, as promised, agreed, no "
        "problem, no worries, of course, in that case, that means, this means, which means, if nobody "
        "minds, if that is okay, if that is ok, if you like, if you want, if it helps, on my side, from "
        "my side, on my end, on that note, that is settled, so that, in the meantime, meanwhile, after "
        "that, afterwards, after lunch, after the meeting, after this meeting, last but not least, one "
        "more thing, you know, i mean, don't worry, to be honest, to be clear, for now, as a next step, "
        "and, make sure that, make sure, as usual, thank you, thanks, all right, no, let us say"
    ),
    "decided": (
        "it is agreed that, it was agreed that, it was decided that, it has been agreed that, we all agreed that, "
        "it has been decided that, we also agreed that, we also decided that, we just agreed that, "
        "we all agree that, we agree that, the agreement is that, it is agreed, it is decided, "
        "we have just decided that, agreed that, we have agreed that, we agreed that, we agreed, we have decided "
        "that, we decided that, we decided, it is decided that, the decision is that, the decision is, "
        "decision"
    ),
    "hedge": ("i think, i guess, i believe, i suppose, maybe, perhaps, i would say, i am sure, no i think"),
    "wish": ("i hope, i wish, hopefully, if only, imagine, it would be nice if, it would be good if"),
    "report": (
        "apparently, i heard that, i heard, you said, she said, he said, they said, they told me, he told "
        "me, she told me, i was told, i understand, rumour has it"
    ),
    "sub": ("because, since, although, i am glad"),
    "if": ("unless, if, whether, in case, assuming, suppose"),
    "when": ("when, once, as soon as, after, before, until, while"),
    "request": ("it would be great if"),
    "please": ("please, yes please"),
    "propose": ("how about, what about, why do not, why don't, what if"),
}
"""Mark -> phrases. "noted": says only that something comes; "if", "when", "sub": the clause depends on another;
"hedge", "wish", "report", "propose": it is thought, wished, told or proposed; "decided": it is settled."""

LEADS: tuple[tuple[tuple[str, ...], str], ...] = tuple(
    sorted(
        ((tuple(phrase.split()), mark) for mark, phrases in _LEADS.items() for phrase in phrases.split(", ")),
        key=lambda item: -len(item[0]),
    )
)
"""(words, mark), the longest first."""
