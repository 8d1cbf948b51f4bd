"""Who, what and until when, by table; the meeting is on Wednesday, 2026-11-18, and Ana speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from avatars.grammar import read
from avatars.recognizer import Present, PresentKind
from avatars.slots import Slots, fill
from avatars.words import tokenise

NOW = datetime(2026, 11, 18, 10, 0)
ADA = Present(id="ada", name="Ada", kind=PresentKind.AVATAR)
BO, LIN, ANA = (Present(id=name.lower(), name=name) for name in ("Bo", "Lin", "Ana"))
EVERYBODY = (BO, LIN, ANA, ADA)

FACED_LIN = replace(LIN, faced=True)


@pytest.mark.parametrize(
    ("text", "present", "owner"),
    [
        ("could you send the budget to finance", (BO, LIN, ANA, ADA), None),
        ("could you send the budget to finance", (BO, FACED_LIN, ANA, ADA), "Lin"),
        ("bo could you send the budget to finance", (BO, FACED_LIN, ANA, ADA), "Bo"),
        ("could you send the budget to finance", (replace(BO, near=False), LIN, ANA, ADA), "Lin"),
        ("could you send the budget to finance", (replace(BO, faced=True), FACED_LIN, ANA, ADA), None),
        ("i will send the budget to finance", (BO, FACED_LIN, ANA, ADA), "Ana"),
    ],
)
def test_you_is_who_alone_hears_it_or_is_looked_at(
    text: str, present: tuple[Present, ...], owner: str | None
) -> None:
    tokens = tokenise(text)
    found = fill(read(tokens, present, NOW), tokens, present, "ana", "Ana")
    assert (found.owner_name, found.what) == (owner, "Send the budget to finance")


TABLE: list[tuple[str, str | None, str | None, str]] = [
    ("bo will send the budget to finance by friday", "Bo", "11-20", "Send the budget to finance"),
    ("i'll book the room for the customer visit tomorrow", "Ana", "11-19", "Book the room for the customer visit"),
    ("I will finish the draft by the end of the month.", "Ana", "11-30", "Finish the draft"),
    ("i can take the onboarding guide", "Ana", None, "Take the onboarding guide"),
    ("let me write the minutes", "Ana", None, "Write the minutes"),
    ("let me quickly check the numbers by noon", "Ana", "11-18", "Check the numbers"),
    ("could you check the contract by the end of the month lin", "Lin", "11-30", "Check the contract"),
    ("can you please call the supplier tomorrow bo", "Bo", "11-19", "Call the supplier"),
    ("Lin, could you review my slides before Thursday?", "Lin", "11-19", "Review their slides"),
    ("lin please update the roadmap by monday", "Lin", "11-23", "Update the roadmap"),
    ("bo send the invoice by friday please", "Bo", "11-20", "Send the invoice"),
    ("would you mind ordering new chairs lin", "Lin", None, "Order new chairs"),
    ("we will send the offer next week", None, "11-27", "Send the offer"),
    ("we need to renew the licence by december first", None, "12-01", "Renew the licence"),
    ("the budget has to be sent by friday", None, "11-20", "Send the budget"),
    ("the slides will be prepared by bo by monday morning", "Bo", "11-23", "Prepare the slides"),
    ("the room must be booked by tomorrow", None, "11-19", "Book the room"),
    ("action item bo to send the budget", "Bo", None, "Send the budget"),
    ("action item for lin check the contract by monday", "Lin", "11-23", "Check the contract"),
    ("petra will call the supplier tomorrow", "Petra", "11-19", "Call the supplier"),
    ("bo and lin will prepare the workshop by the twenty seventh", "Bo and Lin", "11-27", "Prepare the workshop"),
    ("bo and i will write the offer by wednesday", "Bo and Ana", "11-25", "Write the offer"),
    ("ada note that lin calls the supplier by monday", "Lin", "11-23", "Call the supplier"),
    ("ada please write down that bo orders the catering by next week", "Bo", "11-27", "Order the catering"),
    ("ada remind me to pay the invoice on friday", "Ana", "11-20", "Pay the invoice"),
    ("ada remind lin to pay the invoice on friday", "Lin", "11-20", "Pay the invoice"),
    ("i'm going to update the roadmap this week", "Ana", "11-20", "Update the roadmap"),
    ("bo is going to test the release on tuesday", "Bo", "11-24", "Test the release"),
    ("i am sending the figures tomorrow", "Ana", "11-19", "Send the figures"),
    ("bo please order new laptops in two weeks", "Bo", "12-02", "Order new laptops"),
    ("i will send you the notes by tomorrow", "Ana", "11-19", "Send the notes"),
    ("could you send me the numbers bo", "Bo", None, "Send the numbers"),
    ("i need lin to review it by monday", "Lin", "11-23", "Review it"),
    ("i would like bo to present the results next friday", "Bo", "11-27", "Present the results"),
    ("bo is responsible for writing the release notes", "Bo", None, "Write the release notes"),
    ("lin will be checking the invoices on monday", "Lin", "11-23", "Check the invoices"),
    ("can you take care of the catering lin", "Lin", None, "Take care of the catering"),
    ("i can do that by tomorrow", "Ana", "11-19", "Do that"),
    ("don't forget to send the invoice lin", "Lin", None, "Send the invoice"),
    ("remember to lock the door bo", "Bo", None, "Lock the door"),
    ("i'll make sure the tests pass by friday", "Ana", "11-20", "Make sure the tests pass"),
    ("by friday bo will send the budget", "Bo", "11-20", "Send the budget"),
    ("tomorrow i will call the customer", "Ana", "11-19", "Call the customer"),
    ("next week lin will visit the supplier", "Lin", "11-27", "Visit the supplier"),
    ("so okay um bo will uh send the the budget", "Bo", None, "Send the budget"),
    ("well yes i'll do it by wednesday", "Ana", "11-25", "Do it"),
    ("bow will send the budget to finance by friday", "Bo", "11-20", "Send the budget to finance"),
    ("beau will call the supplier", "Bo", None, "Call the supplier"),
    ("lynn will check the contract by monday", "Lin", "11-23", "Check the contract"),
    ("linn can you check the contract", "Lin", None, "Check the contract"),
    ("anna will write the summary by thursday", "Ana", "11-19", "Write the summary"),
    ("bo well send the budget by friday", "Bo", "11-20", "Send the budget"),
    ("ill send the report tomorrow", "Ana", "11-19", "Send the report"),
    ("all send the report buy friday", "Ana", "11-20", "Send the report"),
    ("i will right the summary", "Ana", None, "Write the summary"),
    ("bo will sent the budget by fry day", "Bo", "11-20", "Send the budget"),
    ("lin will checks the contract next weak", "Lin", "11-27", "Check the contract"),
    ("bo'll send the budget by friday", "Bo", "11-20", "Send the budget"),
    ("i'm gonna call the landlord this afternoon", "Ana", "11-18", "Call the landlord"),
    ("bo has to sign the contract by the third of december", "Bo", "12-03", "Sign the contract"),
    ("lin must hand in the report by the fifteenth", "Lin", "12-15", "Hand in the report"),
    ("bo should send the figures by friday", "Bo", "11-20", "Send the figures"),
    ("lin needs to confirm the date by end of day", "Lin", "11-18", "Confirm the date"),
    ("bo agreed to write the proposal by next week", "Bo", "11-27", "Write the proposal"),
    ("lin promised to fix the login bug by thursday", "Lin", "11-19", "Fix the login bug"),
    ("bo takes care of the press release until wednesday", "Bo", "11-25", "Take care of the press release"),
    ("bo writes the report by friday", "Bo", "11-20", "Write the report"),
    ("you will brief the interns on monday bo", "Bo", "11-23", "Brief the interns"),
    ("could bo send the budget by friday", "Bo", "11-20", "Send the budget"),
    ("can i ask lin to print the badges by tomorrow", "Lin", "11-19", "Print the badges"),
    ("i'll get back to you by friday", "Ana", "11-20", "Get back to them"),
    ("i will let the customer know by tomorrow", "Ana", "11-19", "Let the customer know"),
    ("lin will have the draft ready by friday", "Lin", "11-20", "Have the draft ready"),
    ("i'll talk to bo about the budget tomorrow", "Ana", "11-19", "Talk to Bo about the budget"),
    ("bo will ask lin for the numbers", "Bo", None, "Ask Lin for the numbers"),
    ("lin will send bo the slides on thursday", "Lin", "11-19", "Send Bo the slides"),
    ("i'll prepare the slides for the friday meeting", "Ana", None, "Prepare the slides for the Friday meeting"),
    ("bo will prepare the demo for monday", "Bo", "11-23", "Prepare the demo for Monday"),
    ("lin will update the november report by friday", "Lin", "11-20", "Update the November report"),
    ("i will follow up with the customer in three days", "Ana", "11-21", "Follow up with the customer"),
    ("bo will renew the certificate within ten days", "Bo", "11-28", "Renew the certificate"),
    ("lin will clean up the backlog the day after tomorrow", "Lin", "11-20", "Clean up the backlog"),
    ("i'll close the old tickets before the board meeting", "Ana", None, "Close the old tickets"),
    ("bo will answer the auditor as soon as possible", "Bo", None, "Answer the auditor"),
    ("lin will sign the lease by the end of next week", "Lin", "11-27", "Sign the lease"),
    ("bo will plan the sprint early next week", "Bo", "11-23", "Plan the sprint"),
    ("i will pay the deposit by march the second", "Ana", "03-02", "Pay the deposit"),
    ("lin will translate the manual by the end of the quarter", "Lin", "12-31", "Translate the manual"),
    ("bo will send the offer by five o'clock", "Bo", "11-18", "Send the offer"),
    ("lin will order lunch for twelve people by noon", "Lin", "11-18", "Order lunch for twelve people"),
    ("i'll migrate the data over the weekend", "Ana", "11-22", "Migrate the data"),
    ("bo will publish the post on monday at nine", "Bo", "11-23", "Publish the post"),
    ("lin will send the contract no later than wednesday", "Lin", "11-25", "Send the contract"),
    ("i'll try to finish the poster by tuesday", "Ana", "11-24", "Finish the poster"),
    (
        "bo will send the budget to finance and book the room by friday",
        "Bo",
        "11-20",
        "Send the budget to finance and book the room",
    ),
    ("lin will also invite the partners", "Lin", None, "Invite the partners"),
    (
        "and then bo will call the printer about the price list",
        "Bo",
        None,
        "Call the printer about the price list",
    ),
    ("okay great i'll take over the support rota next month", "Ana", "12-31", "Take over the support rota"),
    ("as agreed lin will send the minutes around today", "Lin", "11-18", "Send the minutes around"),
    ("i think bo will send the report by friday", "Bo", "11-20", "Send the report"),
    ("the invoice needs to be paid by me by friday", "Ana", "11-20", "Pay the invoice"),
    ("someone will water the plants", None, None, "Water the plants"),
    ("everybody will read the guide by monday", None, "11-23", "Read the guide"),
    ("bo will book the flights by Friday if that is ok", "Bo", "11-20", "Book the flights"),
    ("i will send it to bo", "Ana", None, "Send it to Bo"),
    ("lin i'll send you the draft tomorrow", "Ana", "11-19", "Send the draft"),
    ("i'll send lin the draft tomorrow", "Ana", "11-19", "Send Lin the draft"),
    ("bo could you and lin prepare the agenda by monday", "Bo and Lin", "11-23", "Prepare the agenda"),
    ("it is up to bo to send the invitations by monday", "Bo", "11-23", "Send the invitations"),
    ("maria will order the cake", "Maria", None, "Order the cake"),
    ("i promise to send the photos by sunday", "Ana", "11-22", "Send the photos"),
    ("bo will buy coffee on the way", "Bo", None, "Buy coffee on the way"),
    ("lin will look into the crash by tomorrow", "Lin", "11-19", "Look into the crash"),
    ("Bo, would you be able to finish the layout by Friday, the 27th?", "Bo", "11-27", "Finish the layout"),
    ("I'll share the recording with the team by EOD.", "Ana", "11-18", "Share the recording with the team"),
    ("bo will send the budget on the 27th", "Bo", "11-27", "Send the budget"),
    ("lin starts the migration on the first of december", "Lin", "12-01", "Start the migration"),
]


def understand(text: str, present: tuple[Present, ...] = EVERYBODY) -> Slots:
    tokens = tokenise(text)
    return fill(read(tokens, present, NOW), tokens, present, "ana", "Ana")


@pytest.mark.parametrize(("text", "owner", "due", "what"), TABLE, ids=[row[0] for row in TABLE])
def test_a_sentence_gives_owner_day_and_task(text: str, owner: str | None, due: str | None, what: str) -> None:
    slots = understand(text)
    day = slots.due.strftime("%m-%d") if slots.due else None
    assert (slots.owner_name, day, slots.what) == (owner, due, what)


def test_owners_who_are_here_have_their_id() -> None:
    assert understand("bo will send it").owner == "bo"
    assert understand("i will send it").owner == "ana"
    assert understand("petra will send it").owner is None


def test_you_is_the_only_other_person_when_two_are_here() -> None:
    assert understand("can you send the budget", (BO, ANA, ADA)).owner == "bo"
    assert understand("can you send the budget").owner is None


def test_what_is_sent_to_you_goes_to_the_other_by_name() -> None:
    assert understand("i will send you the notes", (BO, ANA, ADA)).what == "Send Bo the notes"


def test_words_about_a_date_that_stays_open_are_kept() -> None:
    slots = understand("bo will answer before the board meeting")
    assert (slots.due, slots.due_phrase) == (None, "before the board meeting")


def test_two_people_with_one_name_are_not_told_apart() -> None:
    twins = (Present(id="a", name="Maria Lopez"), Present(id="b", name="Maria Stein"), ANA)
    assert understand("maria will send it", twins).owner is None
    assert understand("maria stein will send it", twins).owner == "b"
