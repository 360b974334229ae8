"""Questions of our own about the demo town's guidance: answerable, not answerable, and off the subject."""

from __future__ import annotations

SENTENCES = """
How much is a parking permit for residents? | resident-parking | The permit costs 45 euros a year.
What do I pay for the permit if my car is electric, without emissions? | resident-parking | it costs 15 euros
What does a new identity card cost? | identity-card | The card costs 37 euros
How long until my passport is ready? | passport | ready after 4 weeks
How much more is an express passport? | passport | costs 32 euros more
What does lunch at school cost? | school-meals | A meal costs 3.80 euros.
When is the recycling centre open? | recycling-centre | It is open from Tuesday to Saturday
How much is the dog tax for a second dog? | dog-tax | 144 euros for each further one
When is property tax due? | property-tax | It is due on 15 February
What must I bring to register my address? | register-your-address | Bring your identity card or passport
Who can get housing benefit? | housing-benefit | You can get it if you rent the home
How do I apply for housing benefit? | housing-benefit | Apply online or at the Benefits Office.
How high is the care allowance in grade 4? | care-allowance | 800 euros in grade 4
What time must bulky waste be on the pavement? | bulky-waste | Put everything on the pavement by 6 am.
What does a third collection of bulky waste cost? | bulky-waste | Each further one costs 30 euros.
How many books may I borrow from the library? | library-card | You may borrow 20 things
How much is the fine at the library for late returns? | library-card | Late returns cost 20 cents
Until when can I apply for a postal vote? | vote-by-post | at the latest at 6 pm on the second day
What is the entrance fee of the swimming pool? | swimming-pool | A day costs 5 euros
When does the outdoor pool open? | swimming-pool | the outdoor pool from May to September
How long does mending a single street light take? | broken-street-light | mended within 10 working days
What papers do we need to get married? | marriage | Bring identity cards and certificates
How much is a wedding on a Saturday? | marriage | A ceremony on a Saturday costs 80 euros more.
How much is child benefit? | child-benefit | Child benefit is 255 euros a month
How late is the weekly market open? | market-stall | from 7 am to 1 pm
What does a stall at the market cost? | market-stall | A stall costs 4 euros a metre.
Where do I see who looked at my data? | who-used-your-data | Sign in and open "Your data".
How much is the late fee when I pay a tax late? | late-payment | pays a late fee of 1 percent
What number do I call to block my lost identity card? | lost-identity-card | 116 116
How many day tickets do I get for my visitors? | visitor-parking | get 20 day tickets
"""
"""Question, page, and words that the quotation must hold."""

PAGES = """
Can somebody interpret sign language for me at the office? | accessible-services
I would like to take a German course | adult-learning
Who looks after my daughter after lessons until the afternoon? | after-school-care
They refused my benefit and I think that is wrong. How do I appeal? | appeal-a-benefit-decision
Do I need a building permit for a garden shed? | building-permit
I am starting a business, where do I register it for tax? | business-tax
My bank wants a certificate of where I live | certificate-of-residence
Can I take my wife's family name after our marriage? | change-of-name
We moved and our son has to change school | change-school
I need a copy of my birth certificate | copies-of-certificates
My date of birth is wrong in the register | correct-your-entry
Where do I get a card that shows my disability? | disability-card
Am I on the list of voters for the town election? | electoral-roll
I have no money left for food today | emergency-payment
When do I enrol my six year old at school? | enrol-at-school
Can you delete data about me that you no longer need? | erase-your-data
We are planning a street party with the neighbours | event-permit
Is there help with heating bills in winter? | heating-allowance
Can I get income support if I have some savings? | income-support
How do I find a kindergarten place for my little boy? | kindergarten
My job ends in summer, when must I register as looking for work? | looking-for-work
I am moving abroad next month, whom do I tell? | move-away
I just arrived from abroad, what must I bring? | move-from-abroad
My neighbour makes noise at night | noise
Does my baby need a passport? | passport-child
I cannot pay my tax at once, are instalments possible? | pay-tax-in-instalments
There is a big pothole in our road | pothole
My father should be able to act for me | power-of-attorney
My daughter is ill today, do I tell the school? | sick-child
My bin was not emptied | waste-collection
"""
"""Question and page."""

UNANSWERED = """
What is the weather on Mars?
Who won the football match yesterday?
Can you recommend a good restaurant near the station?
What is the exchange rate of the dollar?
How do I fix my bicycle brakes?
Which film is on at the cinema tonight?
Where can I buy a second-hand sofa?
What is the capital of Australia?
How do I cook rice?
Can you write a poem about spring?
How much is a train ticket to Berlin?
When does the museum open?
How do I get a fishing licence?
Where do I apply for a hunting licence?
How do I get my driving licence back?
Where do I register a boat?
What is the speed limit on the motorway?
Do I need a visa for Japan?
How do I adopt a child?
Where do I get vaccinated against flu?
How do I become a citizen of this country?
How do I report a stolen bicycle?
What does a grave at the cemetery cost?
How do I rent the town hall for a concert?
Who is the mayor of the town?
How do I connect my house to fibre internet?
What is the minimum wage?
My landlord does not give back my deposit
How do I get a divorce?
Which pharmacy is open on Sunday night?
"""

OFF_SUBJECT = """
How do I get a resident parking permit? | How much is it? | What is the weather on Mars?
How much is a parking permit for residents? | How long does it take? | Who won the world cup?
I need a new passport | How long does it take? | Tell me a joke
How do I register my address? | What must I bring? | What is the meaning of life?
Is the library free? | How many books may I borrow? | Who wrote Hamlet?
When is bulky waste collected? | What does it cost? | How tall is Mount Everest?
How much is the dog tax? | And for a second dog? | Which breed of cat is the friendliest?
Who can get housing benefit? | How do I apply? | Should I invest in gold?
How much is child benefit? | How long is it paid? | What is the best pasta sauce?
Can I vote by post? | When must the letter arrive? | Which party should I vote for?
When is the swimming pool open? | What does it cost? | How deep is the Pacific Ocean?
How do I fell a tree in my garden? | When is it allowed? | How do I grow tomatoes?
What does lunch at school cost? | Who pays nothing? | Solve this equation for x
I lost my identity card | What does a new one cost? | What is the exchange rate of the dollar?
When is property tax due? | What if I sell? | Can you recommend a good restaurant?
"""
"""Two turns on a subject of the town, then one on none."""


def rows(text: str) -> list[list[str]]:
    """The lines of a table above, each cut into its parts."""
    return [[part.strip() for part in line.split(" | ")] for line in text.strip().splitlines()]
