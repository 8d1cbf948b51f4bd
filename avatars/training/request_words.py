"""Names and words that requests are filled with."""

from __future__ import annotations


def _lines(text: str) -> tuple[str, ...]:
    return tuple(item for line in text.split(",") if (item := " ".join(line.split())))


ROOMS = _lines("""
reception, open floor, birch, cedar, lounge, alder table, library, reading nook, forum, stage, oak, maple,
willow, atlas, the blue room, kitchen, the green room, aquarium, workshop, studio, garden room, room three,
canteen, board room, quiet corner, terrace, meeting room two, phone booth, atrium, the lab, sun deck, everest,
paris, saturn
""")
WORKFLOWS: dict[str, tuple[str, ...]] = {
    "onboarding": (),
    "offboarding": (),
    "escalation": ("escalate", "escalating"),
    "purchase": (),
    "access request": (),
    "leave request": ("leave",),
    "expense approval": (),
    "travel approval": (),
    "incident response": (),
    "contract review": (),
    "hardware request": (),
    "change request": (),
    "security review": (),
    "refund": (),
    "budget approval": (),
    "vendor check": (),
    "probation review": (),
    "equipment return": (),
    "complaint": (),
    "data request": (),
}
FAMILY = _lines("""
miller, schmidt, garcia, rossi, novak, kowalski, jensen, larsen, weber, fischer, moreau, silva, costa,
papadopoulos, smith, brown, johnson, patel, khan, nguyen, tanaka, kim, andersson, virtanen, becker, hoffmann,
dubois, santos, romano, horvat, popescu, ivanova, murphy, o'brien, walker, young, king, hill, stone, lang,
vogel, winter, berg, lind, haas
""")
FIRMS = _lines("""
northwind, acme, globex, initech, bluestone, redwood, silverline, evergreen, riverside, summit, polaris, orion,
helios, vertex, pinnacle, atlantic, pacific, alpina, delta, omega, lakeview, ironbridge, foxglove, maplewood,
starling, granite, harbour, lighthouse, meridian, cobalt, amber, crystal, falcon, eagle, phoenix, titan, apex,
nova, zenith, quantum, bauer, lehmann, dupont, rossini, hansen, carter, barnes, fletcher, whitman, sandberg,
olsen, petrov, marchetti, clearwater, greenline, sunrise, moonlight, cityworks, netpoint, datalink, softgate,
inkwell, printhouse, papermill, steelworks, woodcraft, brick and mortar, salt and pepper, first light, quick
step, red barn, blue moon, tall pines, open sky
""")
TRADES = _lines("""
print, logistics, catering, supplies, energy, cleaning, software, consulting, plumbing, electric, direct,
analytics, transport, services, systems, office, furniture, media, security, foods, partners, group, travel,
telecom, design, gmbh, limited, labs, repairs, gardening, express, paper, water, gas, heating, translations,
insurance, studios, trading, tools
""")
OPENINGS = _lines("""
okay, okay so, so, and, um, uh, well, right, ada, hey ada, hi ada, ada please, yeah, oh, also, um so, alright,
ah, now, one more thing, listen, by the way, excuse me, quick question, i was wondering, you know what, hello
ada, so uh, er, hm
""")
DUE = _lines("""
by monday, on friday, tomorrow morning, next tuesday, by the first of march, on the twelfth, by the tenth, by
july, in may, by the end of june, until the end of the year, in an hour, in ten minutes, at four, at noon, at
half past two, this afternoon, tonight, tomorrow at nine, on monday morning, on wednesday, wednesday, saturday,
by the weekend, next week, the twentieth, the third, in three weeks, within two days, before lunch, at the end
of the week, today, this week, this month, next month, by the end of the quarter, after the weekend, on the
first of april, by 5 pm, at 10, until tuesday, the day after tomorrow, before christmas, by sunday evening, for
thursday, for tomorrow, for next week, for friday, until monday, till friday, due monday, due on tuesday, due
tomorrow, the end of the month, the second of may, june the fourth, at three o'clock, on thursday afternoon,
later today, in the evening, early next week, by a week, by two days, by one month, in september, until october,
by three days, by four days, by two weeks, by six weeks, by a few days, the fifth, until the sixth, to the
ninth, after the holidays, until after the launch, next year
""")
DO = _lines("""
order new lamps, clean the coffee machine, call the bank, write the newsletter, fix the printer, book a hotel,
check the smoke detectors, buy stamps, update the website, repair the bike rack, sort the mail, test the
microphones, draft the job ad, collect the keys, pay the rent, water the flowers, feed the fish, print the
badges, change the locks, clean up the kitchen, plan the summer party, invite the speakers, return the rental
car, replace the batteries, count the stock, send flowers to the winner, ask the neighbours about the noise,
send the form to the city, finish the slides, look for a new caterer, take the parcel to the post office,
translate the manual, renew the passport, check the heating, unpack the boxes, measure the carpet, paint the
door, get three quotes, bring the charger, open the window, lock the doors, leave, hand in the form, call mum,
empty the dishwasher, refill the paper tray, dust the shelves, pick up the cake, go home
""")
THINGS = _lines("""
newsletter, printer, lamps, smoke detectors, website, bike rack, job ad, keys, rent, flowers, badges, locks,
kitchen, summer party, speakers, rental car, batteries, stock, heating, manual, boxes, window, budget, contract,
slides, report, lease, logo, brochure, press kit, server, backup, tax form, coffee machine, survey, roadmap,
hiring plan, flyer, video, demo, holiday list, first aid kit, elevator, sign, warehouse, customer list, price
list, travel plan, garage, payroll, annual report, team photo, phone contract, code review, user test, bug list,
release notes, desk order, office party, christmas dinner, birthday present, doctor's appointment, train ticket,
car insurance, parcel, cake, samples, passport
""")
PLACES = _lines("""
in the kitchen, for the client, in the hall, of the team, for finance, in the lobby, about the move, for the new
office, from last week, with the lawyer, on the second floor, for the customer visit, of the website, in the
garage, to the bank
""")
DEEDS = _lines("""
order, repair, review, update, check, cleanup, inspection, renewal, test, delivery, translation, draft, booking,
call, replacement, installation, comparison, preparation, migration, task, purchase, planning, feedback,
upgrade, collection
""")
STATES = _lines("""
the printer is broken, the lamp flickers, the window does not close, the coffee machine leaks, the chair
squeaks, the wifi is slow, the door sticks, the toilet is blocked, the heating makes noise, the key is missing,
the car needs a wash, the sign is crooked, the contract ends, the lease expires, the domain runs out, the
samples have to be sent, the guests arrive, the plants need water, we have to leave, he should call back, the
parking ticket expires, the milk is empty
""")
PARTNERS = _lines("""
sons, company, daughters, partners, brothers, co, stone, steel, miller, weber, hill, clay, friends
""")
CLOSINGS = _lines("""
please, thanks, okay, ada, thank you, then, will you, if possible, when you can, right, that'd be great
""")
MODIFIERS = _lines("""
office, garden, kitchen, cable, alarm, security, guest, travel, team, customer, sales, print, paper, summer,
winter, spring, monthly, yearly, weekly, old, new, spare, lost, second, draft, final, open, cleaning, training,
meeting, server, data, phone, coffee, welcome, farewell, birthday, safety, test, field, market, price, tax,
bank, credit, salary, staff, visitor, delivery, storage, roof, floor, window, door, wall, light, power, energy,
water, waste, trash, food, press, photo, sound, stage, book, news, web, app, code, cloud, mail, post, legal,
medical, german, french, annual, spare, blue, red, green, big, small, broken, missing, front, back, side, top,
digital, internal, external, public, private
""")
HEADS = _lines("""
plan, list, box, drawer, key, card, cabinet, shelf, table, fence, gate, pump, filter, switch, cable, screen,
camera, sensor, lock, bin, cart, van, truck, bike, ladder, tool, file, folder, form, letter, sheet, note, page,
text, article, post, video, photo, picture, poster, banner, sign, map, guide, policy, rule, code, script,
database, account, password, licence, permit, certificate, contract, agreement, offer, quote, order, estimate,
budget, forecast, figures, costs, numbers, statistics, survey, interview, candidates, visitors, guests,
trainees, students, partners, suppliers, tour, trip, visit, lunch, dinner, breakfast, party, fair, event,
ceremony, workshop, course, lesson, exam, test, trial, demo, launch, release, rollout, migration, upgrade,
audit, inspection, check, repair, service, cleanup, delivery, shipment, return, refund, complaint, ticket,
issue, bug, feature, design, layout, logo, icon, colours, carpet, curtains, lamp
""")
VERBS = _lines("""
check, call, find, get, buy, order, send, write, read, fix, repair, replace, clean, move, bring, collect, pick
up, set up, look into, look for, sort, sort out, organise, prepare, plan, book, cancel, confirm, update, review,
draft, finish, test, install, remove, return, measure, count, print, scan, copy, sign, translate, design, paint,
build, hang up, take down, throw away, empty, fill, refill, charge, lock, unlock, open, close, switch off, turn
on, hand in, hand out, hand over, drop off, follow up on, go through, work on, take care of, talk to, speak
with, ask about, train, interview, invite, welcome, phone, ring, email, compare, negotiate, archive, back up,
clear out, tidy up, rewrite, record, research
""")
ABOUT = _lines("""
the client, the bank, the landlord, the team, finance, the city, the station, the airport, the hotel, the
neighbours, the lawyer, the new colleagues, the second floor, the basement, the hall, the reception desk, the
agency, customers
""")
CLAUSES = _lines("""
check whether it still works, find out why it failed, see if they are open, ask whether they deliver, make sure
that the lights are off, ask him if he has time, look up how much it costs, check if the date works, tell them
that we agree, get someone to look at it, find somebody for the night shift, check what the others need, make it
work again
""")
SOUNDS = _lines("""
bar, ben, cor, dal, dex, el, fen, gal, hol, in, jor, kel, lum, mar, nor, or, pax, quin, ros, sol, tar, ul, ver,
wes, yar, zan, tron, wick, ton, dale, ford, field, well, ley, more, ex, ia, o, an, er, is, um, ric, vin, lis,
man, son, berg, stead
""")
SYMPTOMS = _lines("""
is broken, is loose, does not open, stays dark, makes a strange noise, has to be counted, have to be sorted, needs
new paint, need new wheels, is empty, are used up, is out of date, runs out in march, ends next summer, comes at
eleven, arrive on sunday, opens at nine, is not plugged in, drips, smells odd, is too loud, does not start
any more, keeps falling over, was left open, looks different, costs too much, should be white, must not get wet,
is due, will be here at noon, has no lid, went missing, is still at the shop, has to go to the lawyer, wants an
answer, is full
""")
BEHIND = (
    ("ring", "back"), ("call", "back"), ("take", "out"), ("take", "down"), ("take", "away"), ("pick", "up"),
    ("bring", "back"), ("bring", "along"), ("put", "away"), ("put", "back"), ("set", "up"), ("hang", "up"),
    ("switch", "off"), ("turn", "down"), ("send", "out"), ("send", "off"), ("look", "up"), ("move", "over"),
    ("carry", "down"), ("give", "back"), ("let", "in"), ("throw", "out"), ("fill", "in"), ("hand", "out"),
    ("clean", "out"), ("write", "up"), ("get", "ready"), ("get", "repaired"), ("get", "translated"),
    ("have", "checked"), ("get", "cut"), ("keep", "clean"), ("make", "shorter"), ("paint", "green"),
)  # fmt: skip
"""Verbs, and the word that stands behind what they are about."""
SPEAKING = _lines("""
find out why, find out whether, check whether, check if, make sure that, make sure, see if, see why, look into why,
tell the landlord that, write to the city that, ask the neighbours whether, tell everyone that, explain why
""")
ARTICLES = _lines("""
the, the, the, the, a, a, our, my, his, her, all, three, the two, a second, another, the new, some, these, that,
their own, the other, both, the next, enough, more, a few
""")
