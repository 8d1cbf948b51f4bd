"""The words and sentence patterns of the generated office talk."""

from __future__ import annotations


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


PEOPLE = [
    "Bo",
    "Lin",
    "Ana",
    "Max",
    "Eva",
    "Tim",
    "Kim",
    "Jo",
    "Lee",
    "Ian",
    "Amy",
    "Ben",
    "Sam",
    "Leo",
    "Mia",
    "Zoe",
    "Ivan",
    "Nina",
    "Omar",
    "Sara",
    "Paul",
    "Anna",
    "Emma",
    "Liam",
    "Noah",
    "Olga",
    "Jens",
    "Lars",
    "Nora",
    "Maya",
    "Ravi",
    "Anil",
    "Yuki",
    "Chen",
    "Wei",
    "Carlos",
    "Diego",
    "Elena",
    "Fatima",
    "Greta",
    "Hassan",
    "Ingrid",
    "Jonas",
    "Karim",
    "Laura",
    "Marta",
    "Nadia",
    "Oscar",
    "Pedro",
    "Rosa",
    "Sofia",
    "Tariq",
    "Ulla",
    "Vera",
    "Yusuf",
    "Zara",
    "Alex",
    "Chris",
    "Dana",
    "Erik",
    "Felix",
    "Hannah",
    "Julia",
    "Kevin",
    "Linda",
    "Martin",
    "Peter",
    "Rachel",
    "Simon",
    "Theresa",
    "Victor",
    "Wendy",
    "Thomas",
    "Michael",
    "Sandra",
    "Stefan",
    "Ahmed",
    "Aisha",
    "Bruno",
    "Clara",
    "David",
    "Daniel",
    "Robert",
    "James",
    "John",
    "Mary",
]

DO = _lines("""
send the budget to finance
send the offer to the customer
send the invoice to the supplier
send out the invitations
send the minutes around
send a reminder to everyone
share the slides with the team
share the recording
share the numbers with sales
book the room for the customer visit
book a table for the team dinner
book the flights
book a meeting with legal
reserve the big meeting room
check the contract
check the numbers again
check the backup of the server
check with the customer whether the date works
check whether the licence is still valid
review the contract
review the draft
review the design document
review the pull request
review the security report
prepare the slides for the board
prepare the agenda for the workshop
prepare the demo
prepare a quote for the customer
prepare the release notes
update the roadmap
update the project plan
update the website
update the documentation
update the customer list
update the ticket
write the report
write the summary
write the minutes
write a short proposal
write the job advert
write an email to the partner
write up the findings
call the supplier
call the customer
call the insurance company
call the landlord
call the travel agency about the tickets
contact the support team
contact the lawyer
ask finance for the new numbers
ask the customer for feedback
ask legal about the licence
order new laptops
order the catering
order two more monitors
order business cards
buy a new router
buy coffee for the kitchen
fix the login bug
fix the broken link
fix the printer
fix the build
test the new release
test the payment page
test the microphones
run the load test
run the survey
run the migration on the test system
set up the test environment
set up the call with the vendor
set up a shared folder
set up the new accounts
create the tickets for the next sprint
create a dashboard for support
create a list of open questions
draft the contract
draft the press release
draft the announcement
finish the presentation
finish the translation
finish the onboarding guide
finalise the price list
finalise the agenda
collect the feedback
collect the receipts
collect the signatures
organise the workshop
organise the transport
organise the summer party
arrange the interviews
arrange a call with marketing
schedule the review
schedule the training for the new colleagues
plan the launch event
plan the next sprint
plan the budget for next year
present the results
present the roadmap to the board
talk to the customer
talk to finance about the budget
speak to the landlord about the lease
speak with legal
meet the vendor
look into the performance problem
look into the crash
look at the logs
look up the old contract
take care of the catering
take care of the invitations
take the onboarding guide
take over the support rota
take notes
do the expense report
do the research on competitors
do the handover
make a list of suppliers
make a reservation
make the poster
get a quote from the printer
get the signature from the board
get feedback from the users
clean up the backlog
clean the whiteboard
close the old tickets
close the account
move the files to the new server
move the old desks to the basement
install the update
install the new screens
deploy the fix
deploy version two
release the new version
publish the blog post
publish the job ad
print the badges
print the handouts
translate the manual
translate the web page
train the new colleagues
interview the candidate
interview two customers
hire a designer
invite the partners
invite everyone to the demo
register the domain
renew the certificate
renew the licence
cancel the subscription
cancel the hotel
confirm the date with the venue
confirm the order
compare the offers
compare the two vendors
analyse the survey results
analyse the crash reports
measure the response times
document the interface
document the decision
design the new logo
design the landing page
sketch the floor plan
build the prototype
build a small demo
implement the export
implement the search
add the new colleagues to the mailing list
add a column to the sheet
remove the old banner
remove the outdated pages
upload the recording
upload the photos
download the statements
sign the contract
sign the lease
approve the invoice
pay the invoice
pay the deposit
transfer the money
file the claim
file the tax return
submit the application
submit the expense report
deliver the hardware
deliver the parts to the customer
follow up with the customer
follow up on the complaint
answer the customer's email
answer the open questions
reply to the auditor
forward the email to legal
inform the team
inform the customer about the delay
tell the customer about the change
tell everyone about the new date
remind the team about the survey
explain the process to the interns
show the prototype to the customer
handle the complaint
handle the refund
investigate the outage
investigate the failing tests
evaluate the tool
estimate the effort
calculate the costs
count the chairs
sort the receipts
archive the project folder
back up the database
restore the backup
migrate the data
configure the firewall
replace the broken chair
repair the projector
return the rental car
pick up the keys
pick a date for the offsite
bring the samples
bring the cake
find a new supplier
find out the price
research the market
negotiate the price
coordinate the release
host the webinar
lead the workshop
moderate the discussion
monitor the servers
improve the error messages
simplify the form
rewrite the introduction
record the demo
edit the video
post the update in the channel
announce the new date
extend the trial
reduce the cloud costs
connect the new printer
let the customer know
give the customer an update
give finance the numbers
put the slides on the server
put together the numbers
work on the proposal
work out the details with the vendor
help with the move
proofread the brochure
sync with the design team
clarify the scope with the customer
go through the backlog
sum up the results
""")

DUE = _lines("""
by friday
by monday
by tuesday
by wednesday
by thursday
by tomorrow
by the end of the week
by the end of the month
by the end of next week
by end of day
by next week
by next friday
by noon
by monday morning
by friday afternoon
by the fifteenth
by the twenty seventh
by the third of december
by december first
by march the second
until friday
before friday
before the weekend
before the board meeting
before the next meeting
on monday
on tuesday
on thursday morning
tomorrow
tomorrow morning
today
this afternoon
this week
next week
next month
in two weeks
in three days
within a week
within ten days
the day after tomorrow
as soon as possible
at the end of the month
end of the month
early next week
friday
next monday
no later than wednesday
by five o'clock
by the end of the year
by the end of the quarter
""")

STATE = _lines("""
be late
be fine
be there
be happy
be great
be difficult
be busy all day
be out of office
be back after lunch
be on holiday
be in the office
know more
need more time
need some help
see how it goes
have a look at the weather
have lunch
have a great time
take a while
take longer than expected
think about it
love it
like the new office
hate the noise
miss the old building
get better
go up again
come back to that
come later
stay at home
feel better
understand it then
join a bit later
leave early
remember that day
wait for the answer
look good
make sense
cost a fortune
work out in the end
happen again
depend on the price
""")

FILL: dict[str, list[str]] = {
    "state": STATE,
    "thing": _lines("""
the budget
the contract
the report
the offer
the release
the launch
the invoice
the new version
the workshop
the demo
the website
the survey
the server
the printer
the presentation
the project
the training
the roadmap
the new office
the customer visit
the interview
the migration
the delivery
the design
the price list
the meeting
the review
the newsletter
the trip
the room
the backup
the test environment
"""),
    "third": _lines("""
the customer
the supplier
the vendor
the bank
the landlord
the board
the client
the new manager
our competitor
their team
the other team
the agency
the lawyer
the partner
the city
the union
head office
the police
my wife
my brother
the weather service
the hotel
the airline
somebody
someone
they
finance
legal
marketing
management
he
she
it
that
this
"""),
    "third_does": _lines("""
decide next week
call us back
send us an offer
deliver on friday
pay the invoice by the end of the month
sign the contract on monday
launch a new product
raise the price
move to a new office
come on tuesday
open a second store
answer tomorrow
change the rules
review the offer next week
visit us in december
close on friday
start at nine
end at five
take two hours
finish early
arrive by noon
expire on friday
"""),
    "feeling": _lines("""
great
really good
a bit strange
much better than last time
too expensive
fine with me
on track
almost done
a mess
very helpful
delayed again
beautiful
quite funny
not so easy
ready
"""),
    "small": _lines("""
good morning everyone
thanks a lot
thank you for the update
that sounds good
no problem at all
see you tomorrow
have a nice weekend
how nice
i agree with that
exactly
i am not sure about that
that is a good point
you are right
never mind
let's start
let's get started
let's see
let's take a break
let's talk about the {thing}
let's go through the agenda
let me think
let me see
let me explain
let me share my screen
let me put it this way
can everybody hear me well okay
welcome to the stand up
it was a long day
it is cold in here
the weather is lovely today
i had a great weekend
i have a dog at home
coffee would be nice now
my train was late
the match was exciting
nothing new from my side
nothing to report from me
that's all from me
same here
we are almost out of time
we talked about this last week
the {thing} went well
the {thing} went really well yesterday
the {thing} is {feeling}
the {thing} was {feeling}
the {thing} looks {feeling}
the {thing} is on friday
the {thing} starts on monday
the deadline is {due}
the deadline for {thing} is {due}
{name} is on holiday
{name} is sick today
{name} is in berlin this week
{name} is {feeling}
it is {name}'s birthday tomorrow
the joke about {thing} was funny
i am joking
the rain will stop soon
time flies
there are {n} open tickets
we have {n} new customers
sales went up by {n} percent
i have {n} meetings today
i love {thing}
i really like {thing}
nobody likes {thing}
i am in the office until friday
yes
no
okay
okay great
yeah sure
sounds like a plan
"""),
    "past": ["yesterday", "last week", "on monday", "on friday", "this morning", "already", "last month", "", ""],
    "say": _lines("said\nsays\ntold me\nmentioned\nwrote\nthinks\nbelieves\nheard\nclaims"),
    "if": _lines("if\nunless\nin case\nassuming\nwhen\nonce\nas soon as"),
    "unsure": _lines("maybe\nperhaps\npossibly\nmaybe one day\nideally"),
    "decide": _lines("""
move the launch to december
move {thing} to next month
move {thing} to monday
postpone {thing}
cancel {thing}
drop {thing}
keep {thing} as it is
keep the old name
go with option a
go with the second offer
go with the blue one
go with the cheaper vendor
use the new tool
use the small room
switch to the new provider
stay with the current supplier
stick with the plan
raise the price by {n} percent
hire {n} people
start on monday
start with the small version
stop the campaign
skip {thing} this year
do it in house
meet every tuesday
meet at ten instead of nine
split the project into two parts
close the second office
buy the larger screens
accept the offer
reject the offer
launch in march
launch without {thing}
not renew {thing}
freeze the scope
extend {thing} by two weeks
take the first design
change the name
merge the two teams
reduce the scope
"""),
    "decided": _lines("""
moved to december
cancelled
postponed to spring
approved
dropped for this year
settled
final
"""),
    "ask": _lines("""
when is {thing}
when does {thing} start
where is {thing}
who is in {thing}
who will {do}
who wants to {do}
who can {do}
who did that
what is the status of {thing}
what about {thing}
what is the deadline for {thing}
what do you think about {thing}
what happened with {thing}
how is {thing} going
how much does {thing} cost
how long will {thing} take
how do we {do}
how was {thing}
why is {thing} late
why did we {do}
which vendor did we choose
is {thing} ready
is {thing} on friday
is {thing} still on track
is {name} here
is it okay if i leave early
are we ready for {thing}
are there any questions
are you coming {due}
do we need {thing}
do we have to {do}
do you know when {thing} starts
do you remember {thing}
does {name} know about {thing}
does anybody know the password
did you {do}
did {name} {do}
has {name} {done}
have you {done}
have we {done}
has anybody {done}
will {third} {third_does}
will you be there {due}
will {thing} be ready {due}
should we {do}
should i {do}
shall we {decide}
can you hear me
can you see my screen
can we talk about {thing}
can i ask something
could we maybe {do}
can we {decide}
any news about {thing}
any questions
right
can anyone tell me where {thing} is
what if we {decide}
how about we {decide}
"""),
    "request": _lines("""
what are the open tasks
what is still open
what tasks do we have
which tasks are open
what is on the board
what is on the list
read the open tasks
read the list
tell us the open tasks
list the tasks
show the tasks
what can you do
what do you do
who are you
can you help me
can you help us
help
help please
how does this work
thank you
thanks
hello
hi
good morning
how are you
are you there
can you hear me
stop
be quiet
repeat that please
say that again
can you repeat that
what did we decide
what did you note
who has {thing}
who is responsible for {thing}
what does {name} have to do
what is my task
what are my tasks
when is {thing} due
tell me a joke
what do you think
can you {do}
please {do}
"""),
}

TEMPLATES: dict[str, list[str]] = {
    "action_item": _lines("""
{name} will {do} {due_or_not}
{name} will {do} {due_or_not}
{name} will {do} {due_or_not}
{name} will then {do} {due_or_not}
{stranger} will {do} {due_or_not}
{stranger} will {do} {due}
{stranger} is going to {do} {due}
{name} will also {do}
{name}'ll {do} {due_or_not}
{names} will {do} {due_or_not}
{name} and i will {do} {due_or_not}
i'll {do} {due_or_not}
i'll {do} {due_or_not}
i'll {do} {due_or_not}
i will {do} {due_or_not}
i will {do} {due_or_not}
i can {do} {due}
i can {do}
i can take that
i'll do that {due_or_not}
i'll do it {due_or_not}
i can do that {due_or_not}
i'll take it
i'll take care of it {due_or_not}
i am going to {do} {due_or_not}
i'm going to {do} {due_or_not}
i'm gonna {do} {due_or_not}
{name} is going to {do} {due_or_not}
{name} can {do} {due}
{name} needs to {do} {due_or_not}
{name} has to {do} {due_or_not}
{name} must {do} {due_or_not}
{name} should {do} {due}
{name} shall {do} {due_or_not}
{name} is to {do} {due_or_not}
{name} to {do} {due_or_not}
{name} {does} {due}
{name} please {do} {due_or_not}
{name} {do} {due} please
please {do} {due_or_not}
please {do} {due_or_not} {name}
can you {do} {due_or_not}
can you {do} {due_or_not} {name}
could you {do} {due_or_not}
could you {do} {due_or_not} {name}
could you please {do} {due_or_not} {name}
{name} can you {do} {due_or_not}
{name} could you {do} {due_or_not}
{name} could you please {do} {due_or_not}
{name} would you {do} {due_or_not}
{name} will you {do} {due_or_not}
would you {do} {due_or_not} {name}
would you mind {doing} {due_or_not}
can {name} {do} {due}
let me {do} {due_or_not}
let me {do}
we will {do} {due}
we'll {do} {due}
we need to {do} {due}
we have to {do} {due}
we must {do} {due}
{due} {name} will {do}
{due} i will {do}
{due} i'll {do}
the {n} of us will {do} {due}
i need {name} to {do} {due_or_not}
i would like {name} to {do} {due_or_not}
i want you to {do} {due}
i promise to {do} {due}
{name} promised to {do} {due}
{name} agreed to {do} {due_or_not}
{name} volunteered to {do}
you will {do} {due} {name}
{name} you will {do} {due_or_not}
{name} you {do} {due_or_not}
action item {name} will {do} {due_or_not}
action item {name} to {do} {due_or_not}
action item for {name} {do} {due_or_not}
next step {name} {does} {due_or_not}
note that {name} will {do} {due_or_not}
ada note that {name} will {do} {due_or_not}
ada note that {name} {does} {due_or_not}
ada please note that i will {do} {due_or_not}
ada write down that {name} {does} {due_or_not}
ada remind me to {do} {due_or_not}
ada remind {name} to {do} {due_or_not}
ada add a task for {name} to {do} {due_or_not}
so {name} will {do} and {do} {due_or_not}
i'll {do} and {do} {due_or_not}
i'll try to {do} {due}
i'll make sure to {do} {due_or_not}
{name} will be {doing} {due}
i am {doing} {due}
{thing} needs to be {decided} so {name} will {do} {due_or_not}
don't forget to {do} {due_or_not} {name}
{name} don't forget to {do} {due_or_not}
{name} is responsible for {doing}
yes i can {do} {due_or_not}
sure i'll {do} {due_or_not}
okay i will {do} {due_or_not}
{thing} will be {done_by} by {name} {due}
{thing} has to be {done_by} {due}
{thing} needs to be {done_by} {due}
i will let you know {due}
i'll get back to you {due}
i'll have {thing} ready {due}
{name} will have {thing} ready {due}
as agreed {name} will {do} {due_or_not}
then {name} will {do} {due_or_not}
"""),
    "none": _lines("""
{small}
{small}
{small}
{small}
{small}
i {did} {past}
i {did} {past}
i {did} {past}
yesterday {name} and i {did}
yesterday i {did}
last week {name} {did}
i already {did}
i have {done}
i have already {done}
i just {did}
{name} {did} {past}
{name} {did} {past}
{name} has {done}
{name} has already {done}
{name} already {did} {past}
we {did} {past}
we have {done}
they {did} {past}
the customer {did} {past}
i was going to {do} but {name} {did}
i wanted to {do} but there was no time
{name} was supposed to {do} last week
i had to {do} yesterday
{name} is {doing}
{name} is {doing} right now
{name} is still {doing}
i am {doing} at the moment
i am still {doing}
we are {doing}
they are {doing}
if {name} {does} i will {do}
if the customer agrees we will {do}
if we get the money {name} will {do}
{if} {third} agrees we will {do} {due}
{if} it rains we will {state}
{if} we had more time {name} would {do}
if only {name} would {do}
unless {third} pays we will not {do}
{if} nothing happens i could {do}
i would {do} but i have no time
i would never {do}
{name} would {do} if we asked
we should have {done}
{name} should have {done} {past}
we could have {done}
someone should {do}
someone should really {do} one day
somebody needs to {do}
somebody has to {do} at some point
we should {do} more often
we should {do} some day
{unsure} we could {do}
{unsure} {name} could {do}
{unsure} someone could {do}
{unsure} we should {do}
maybe i could {do} some time
we might {do} {due}
{name} might {do}
we could {do}
we could also {do}
you could {do}
it would be nice if {name} could {do}
it would be great to {do} one day
i wish {name} would {do}
i wish we could {do}
i hope {name} will {do}
i hope {third} will {third_does}
hopefully {third} will {third_does}
{third} will {third_does}
{third} will {third_does}
{third} will {third_does}
{third} will probably {third_does}
{third} is going to {third_does}
{third} wants to {third_does}
{third} has promised to {third_does}
{third} said they will {do}
{name} {say} {third} will {third_does}
{name} {say} that {third} will {third_does}
{name} {say} that the {thing} is {feeling}
i heard that {name} will leave the company
apparently {third} will {third_does}
i don't think {name} will {do}
i doubt that {name} will {do}
i won't {do}
i won't {do} {due}
i will not {do}
i can't {do} {due}
i cannot {do}
{name} won't {do}
{name} will not {do} {due}
{name} can't {do} {due}
we won't {state}
nobody will {do}
nobody wants to {do}
i don't want to {do}
i don't have time to {do}
i forgot to {do}
i'll {state}
i will {state} {due_or_not}
{name} will {state} {due_or_not}
{name} will {state}
we will {state}
we'll {state}
it will {state}
that will {state}
this will {state}
you will {state}
i can {state}
i might {state}
i would like to {state}
i would love to {do} some day
i want to {do} when i retire
i'd rather not {do}
we need to {state}
we have to {state}
we usually {do} on mondays
{name} always {does}
{name} {does} every week
every friday {name} {does}
we {do} every month
i used to {do} every week
it took me two days to {do}
{doing} is fun
{doing} takes a lot of time
{doing} was harder than i thought
the question is how to {do}
i don't know how to {do}
i know how to {do}
i am glad that {name} {did}
thanks for {doing}
thank you {name} for {doing}
good that {name} {did} {past}
the plan was to {do}
the idea was to {do}
imagine {name} {doing}
if i win the lottery i'll {do}
the robots will {do} one day
{name} would be the last person to {do}
{thing} was {done_by} {past}
{thing} has been {done_by}
{thing} will be {feeling}
{thing} is due {due}
{thing} ends {due}
{thing} will start at ten
{thing} will start {due}
{thing} will take place {due}
{thing} will be on friday
so much for {thing}
{third} will be {done_by} {due}
i see
he will {do} {due_or_not}
she will {do} {due_or_not}
they will {do} {due_or_not}
yes i did
let's hope {third} will {third_does}
no i will not {do}
no {name} {did} {past}
"""),
    "decision": _lines("""
we decided to {decide}
we decided to {decide}
we have decided to {decide}
we agreed to {decide}
we agreed that we {decide}
so we decided to {decide}
it is decided that we {decide}
it's decided we {decide}
the decision is to {decide}
the decision is that we {decide}
decision we {decide}
let's {decide}
let's {decide}
let's {decide} then
okay let's {decide}
then let's {decide}
so let's {decide}
we will {decide}
we'll {decide}
okay so we will {decide}
then we {decide}
so we {decide}
agreed we {decide}
agreed we will {decide}
all right we will {decide}
so it is settled we {decide}
that is settled we {decide}
{thing} is {decided}
so {thing} is {decided}
{thing} moves to december
{thing} moves to next month
that settles it {thing} is {decided}
that settles it we {decide}
let's stop {doing}
let's not {do} this year
we will not {do} any more
we will no longer {do}
we will not {do} this year
from now on we {decide}
everybody agreed to {decide}
we all agree to {decide}
we are going to {decide}
we are going with option b
we are going with the second vendor
we chose the first design
we have chosen the new vendor
final decision we {decide}
we will not {decide}
we won't {decide}
we decided against {thing}
we decided not to {decide}
ada note that we decided to {decide}
ada note that we {decide}
we settled on the small room
we settled on monday
"""),
    "question": _lines("{ask}\n{ask} {name}\n{name} {ask}\nso {ask}\nand {ask}\n{ask}\n{ask}"),
    "request": _lines("ada {request}\nada {request}\nhey ada {request}\n{request} ada\nokay ada {request}"),
}
FILL["done_by"] = _lines("""
sent
checked
reviewed
updated
prepared
finished
signed
tested
cancelled
booked
approved
paid
translated
printed
published
fixed
renewed
written
delivered
confirmed
""")

SHARES: tuple[tuple[str, int], ...] = (
    ("action_item", 34), ("none", 40), ("decision", 11), ("question", 10), ("request", 5),
)  # fmt: skip
OPENINGS = _lines("""
okay
okay so
so
and
and then
well
right
yes
alright
great
good
um
then
perfect
also
now
but
yeah
fine
oh
and also
""")
CLOSINGS = _lines("okay\nplease\nthanks\nthen\ni think\nas well\ntoo\nright\nif possible\nas discussed")

PAST_FORMS = {"put": "put", "set": "set", "let": "let", "run": "ran", "do": "did", "go": "went", "show": "showed",
              "read": "read", "moderate": "moderated", "configure": "configured"}  # fmt: skip
PARTICIPLES = {
    "write": "written", "do": "done", "take": "taken", "give": "given", "show": "shown", "go": "gone",
    "speak": "spoken", "rewrite": "rewritten", "get": "got", "run": "run", "choose": "chosen",
}  # fmt: skip

SOUNDS_LIKE: dict[str, list[str]] = {
    "will": ["well", "we'll", "would", "wheel", "will the"],
    "i'll": ["all", "ill", "i will", "i", "i'll a"],
    "by": ["buy", "bye", "my", "but"],
    "to": ["two", "the", "too", "a"],
    "the": ["a", "of", "this", "in the"],
    "for": ["four", "from", "or"],
    "and": ["in", "an", "and the"],
    "their": ["there"],
    "send": ["sand", "said", "sent"],
    "book": ["look", "brook", "put"],
    "check": ["chuck", "jack", "checked"],
    "call": ["cool", "cole", "all"],
    "week": ["weak", "we"],
    "friday": ["fridays", "fry day"],
    "write": ["right", "ride"],
    "read": ["red"],
    "meet": ["meat"],
    "buy": ["by"],
    "new": ["knew"],
    "review": ["revue", "view"],
    "month": ["months", "man"],
    "end": ["and", "in"],
    "could": ["good", "can"],
    "can": ["can't even", "could", "in"],
    "you": ["your", "u"],
    "let's": ["lets", "that's"],
    "let": ["that", "led"],
    "please": ["police", "pleased"],
    "we": ["he", "the"],
    "is": ["as", "his"],
    "a": ["the", "uh"],
    "on": ["in", "an"],
    "fix": ["six", "fixed"],
    "order": ["older", "border"],
    "update": ["up date", "updates"],
    "finance": ["finances", "fine ants"],
    "customer": ["custom", "customers"],
    "contract": ["contact", "contracts"],
    "budget": ["budgets", "but it"],
    "slides": ["slide", "sides"],
    "room": ["rome", "rooms"],
    "report": ["reports", "rapport"],
    "launch": ["lunch"],
    "tomorrow": ["to morrow"],
    "bo": ["bow", "beau", "both", "bo'"],
    "lin": ["lynn", "lean", "line", "linn"],
    "ana": ["anna", "an a"],
    "anna": ["ana", "hannah"],
    "max": ["macs"],
    "eva": ["ever", "eve"],
    "tim": ["him", "team"],
    "jo": ["joe"],
    "lee": ["leigh"],
    "amy": ["aimee"],
    "ben": ["been", "men"],
    "leo": ["leo's"],
    "mia": ["maria"],
    "chris": ["kris"],
    "erik": ["eric"],
    "sara": ["sarah"],
    "nora": ["norah"],
    "ada": ["ada", "eda", "aida"],
    "john": ["jon"],
    "paul": ["pole", "pall"],
    "decided": ["decide it", "the sided"],
    "decide": ["beside"],
    "agreed": ["a greed", "agree"],
    "move": ["move the", "moved"],
    "prepare": ["repair"],
    "what": ["what", "but"],
    "note": ["know", "not"],
    "that": ["the", "it"],
    "take": ["takes", "make"],
    "test": ["text", "tests"],
}
CARRIES_MEANING = frozenset(
    [
        "not",
        "no",
        "never",
        "if",
        "unless",
        "will",
        "i'll",
        "would",
        "should",
        "could",
        "might",
        "maybe",
        "wish",
        "hope",
        "someone",
        "somebody",
        "nobody",
        "decided",
        "agreed",
        "decision",
        "let's",
        "let",
        "we",
        "i",
        "he",
        "she",
        "they",
        "who",
        "what",
        "when",
        "where",
        "why",
        "how",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "can",
        "going",
        "to",
        "must",
        "need",
        "needs",
        "already",
        "yesterday",
        "last",
        "ago",
        "ada",
        "please",
        "don't",
        "won't",
        "can't",
        "one",
        "some",
        "perhaps",
        "usually",
        "every",
        "always",
        "supposed",
        "forgot",
        "used",
    ]
)
LIGHT = "the a an of in and it that this so to at on with for uh um is".split()  # noqa: SIM905
ANY = [
    "house",
    "water",
    "music",
    "paper",
    "green",
    "small",
    "thing",
    "people",
    "other",
    "place",
    "right",
    "long",
    "down",
    "under",
    "number",
    "world",
    "north",
    "course",
    "south",
    "side",
    "start",
    "light",
    "sound",
    "still",
    "learn",
    "plant",
    "cover",
    "four",
    "between",
    "state",
    "keep",
    "eye",
    "never",
    "last",
    "door",
    "city",
    "tree",
    "cross",
    "hard",
    "near",
    "story",
    "far",
    "sea",
    "draw",
    "late",
    "run",
    "while",
    "press",
    "close",
    "night",
    "real",
    "life",
    "few",
    "stop",
    "open",
    "seem",
    "together",
    "next",
    "white",
    "begin",
    "walk",
    "example",
]
