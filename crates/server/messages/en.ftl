# What the server says to people, in English. Keys: problem-<code>, with the title as an attribute.
# hi.ftl has the same keys; a test compares them.

problem-malformed = The request could not be read. { $detail }
    .title = Not understood
problem-invalid-field = { $field }: { $reason }
    .title = A value cannot be used
problem-no-such-route = There is nothing at this address. /api/docs lists what there is.
    .title = No such route
problem-method-not-allowed = This address does not take this method. /api/docs lists what it takes.
    .title = Method not allowed
problem-unsupported-media-type = Send the body as application/json.
    .title = Unsupported media type
problem-body-too-large = The body is larger than this operation takes.
    .title = Too large
problem-idempotency-key-required = Send an Idempotency-Key header: 1 to 255 visible ASCII characters of your choice, new for each booking or payment.
    .title = Idempotency-Key needed
problem-idempotency-key-reused = This Idempotency-Key was used with another body. Take a new key for a new request.
    .title = Idempotency-Key used before
problem-request-in-progress = The first request with this Idempotency-Key is still at work. Try again in a moment.
    .title = In progress
problem-unauthenticated = Log in and send the access token as Authorization: Bearer.
    .title = Not signed in
problem-wrong-credentials = The e-mail address or the password is wrong, or the address is not confirmed yet: the link in our mail does that.
    .title = Wrong e-mail address or password
problem-new-password-required = Your password is too short for an account without a second factor. Set another one by mail ("forgotten password").
    .title = Another password needed
problem-forbidden = Your account may not do this.
    .title = Not allowed
problem-cross-site = Your browser says that another site asked for this, so the cookie does not count. Ask from our own page, or with an access token.
    .title = Asked by another site
problem-insufficient-scope = The program needs the scope { $scope } for this. Ask its user for it, or an administrator.
    .title = The program may not do this
problem-webhook-disabled-by-staff = The airline keeps this webhook off. Ask its staff why.
    .title = Kept off by the airline
problem-not-told-any-more = The program may not be told of this any more: its user took back what they let it see, or its scopes changed.
    .title = Not told any more
problem-programs-only = Only a program in its own name may do this: one that an administrator lets act for an account (acts_for), with a token of client_credentials.
    .title = Only for programs
problem-owner-only = Only the account's owner may do this, signed in with our own app; no program may.
    .title = Only for the owner
problem-last-administrator = This is the only administrator who can sign in. Make somebody else one first.
    .title = The last administrator
problem-own-account = Nobody changes their own role or disables themselves; another administrator can.
    .title = That is your own account
problem-wrong-proof = That does not prove it: the password, the code or the passkey is wrong, or the code was used before.
    .title = Not proven
problem-invalid-token = This link is used up, too old, or not complete. Ask for a new mail.
    .title = The link does not work
problem-common-password = This password is among those that are tried first. Take another: several words that do not belong together are easy to keep in mind.
    .title = A common password
problem-personal-password = This password has your name, your address or ours in it. Take another.
    .title = A password that can be guessed
problem-too-many-guesses = Too many wrong tries. Try again in { $seconds } seconds, or set a new password.
    .title = Too many tries
problem-administrator-exists = There is an administrator already, who gives roles.
    .title = There is an administrator
problem-no-such-record = There is no booking with this code and this name. Look at both; somebody who flies on it has to have the name.
    .title = No such booking
problem-wrong-code = That is not the code of the mail, or it is too old, or it was tried too often. Ask for another.
    .title = Wrong code
problem-one-booking-only = This pass is for one booking and for nothing else. Log in for the rest.
    .title = For one booking only
problem-bookings-ahead = There are { $count } trips ahead. Fly or cancel them first; then the account can be deleted.
    .title = Trips ahead
problem-notification-owed = What is told of { $kind } is mailed to whoever flies in any case: it is owed to them.
    .title = This mail is owed
problem-staff-account = This is an account of the airline's staff. An administrator ends it.
    .title = An account of staff
problem-client-has-no-secret = A program on its users' devices keeps no secret, so there is none to change.
    .title = It has no secret
problem-second-factor-required = This needs your second factor. If you have none, add one to your account, then log in with it.
    .title = Second factor needed
problem-second-factor-refused = The second factor does not fit, was used before, or this sign-in took too long. Try again, or begin with your password.
    .title = Second factor refused
problem-passkey-refused = This passkey does not open an account here, or it took too long. Try again, or log in with your password.
    .title = Passkey refused
problem-sign-in-over = This sign-in is over: it was used, took longer than ten minutes, or was begun in another browser. Begin again.
    .title = Begin again
problem-provider-unavailable = { $provider } does not answer just now. Try again, or log in another way.
    .title = Provider does not answer
problem-provider-not-believed = What { $provider } answered does not prove who you are. Begin again; if it stays so, tell us.
    .title = Sign-in not accepted
problem-provider-refused = { $provider } did not sign you in, or you did not allow it. Try again, or log in another way.
    .title = Not signed in
problem-provider-without-address = { $provider } does not confirm an e-mail address of yours. Confirm your address there, or log in with a password and link { $provider } with your account.
    .title = No confirmed address
problem-provider-linked = Your account is linked with another identity at { $provider }. Sign in with that one, or take it away first.
    .title = Linked with another
problem-identity-linked = This identity at { $provider } opens another account already. Sign in with it and take it away there first.
    .title = Opens another account
problem-address-unconfirmed = The address of the account was never confirmed. Its owner opens the link we sent by mail, or sets a new password by mail; then try again.
    .title = Address not confirmed
problem-account-disabled = This account was disabled by the airline. Write to the airline about it.
    .title = Account disabled
problem-last-way-in = Nothing else would be left to sign in with. Set a password by mail ("forgotten password"), or link another provider, first.
    .title = Last way to sign in
problem-passkeys-need-a-domain = Passkeys need an address with a name, and this service is reached by a number. Use a code of an app instead.
    .title = No passkeys here
problem-no-second-factor = Your account has no second factor, so it needs no recovery codes. Add one first.
    .title = No second factor
problem-last-second-factor = The accounts of staff keep a second factor. Add another one before you take this away.
    .title = The last second factor
problem-too-many-second-factors = An account has at most ten second factors. Take one away first.
    .title = Too many second factors
problem-step-up-required = It is some time since you proved who you are. Do so again (POST /me/proof), then repeat the request.
    .title = Prove who you are
problem-session-over = This session is over. Log in again.
    .title = Session over
problem-not-found = There is no such thing, or it is not yours.
    .title = Not found
problem-email-taken = There is an account with this e-mail address. Log in instead.
    .title = Account exists
problem-too-many-requests = Too many requests. Try again in { $seconds } seconds.
    .title = Too many requests
problem-websocket-required = This address speaks WebSocket: ask for it with Upgrade: websocket (docs/live.md).
    .title = Not a WebSocket
problem-too-many-sockets = So many sockets of your account are open that there can be no more. Close one first.
    .title = Too many sockets
problem-too-many-topics = A socket listens to so many topics and no more. Leave one first.
    .title = Too many topics
problem-busy = The service is busy. Try again in a moment.
    .title = Busy
problem-gateway-unavailable = Payments cannot be taken at the moment. Nothing was charged, and your seats are still held. Try again in a moment.
    .title = Payments unavailable
problem-timed-out = This took too long and may not have happened. Look before you try again; a request with an Idempotency-Key can simply be repeated.
    .title = Timed out
problem-search-not-ready = The timetable is still loading. Try again in a moment.
    .title = Not ready
problem-internal = Something went wrong on our side. Quote the request_id when you ask for help.
    .title = Internal error
problem-unknown-airport = { $airport } is not an airport we know. GET /airports?q= finds the code.
    .title = Unknown airport
problem-same-airport = Origin and destination are the same airport. Choose two.
    .title = Same airport
problem-date-past = The date has passed. Choose { $today } or later.
    .title = Date in the past
problem-date-beyond-horizon = Flights are on sale until { $last }. Choose a date up to then.
    .title = Not on sale yet
problem-no-adult = At least one adult must travel.
    .title = No adult
problem-too-many-seats = At most nine travellers with a seat fit in one booking. Make two bookings.
    .title = Too many travellers
problem-too-many-infants = Each infant needs an adult's lap: at most as many infants as adults. Book a child's seat for the others.
    .title = Too many infants
problem-flight-exists = This flight number departs from there on that date already. Change that flight instead.
    .title = Flight exists
problem-flight-sold = Seats of this flight have been held or sold, so it cannot be deleted. Set its status to cancelled instead.
    .title = Flight sold
problem-flight-without-cabins = The flight has no cabin. Give at least one in cabins.
    .title = No cabin
problem-capacity-below-sold = { $sold } seats of this cabin are taken; the capacity cannot be less.
    .title = Capacity below sold
problem-offer-unknown = This is not an offer of ours. Search and take an offer_id from the answer.
    .title = Unknown offer
problem-offer-expired = The offer has expired. Search again for a new one.
    .title = Offer expired
problem-party-mismatch = The offer is for { $offered }. Give exactly these passengers, or search for another party.
    .title = Other party
problem-sold-out = There are no longer enough seats for this party. Search again for other flights.
    .title = Sold out
problem-price-changed = The price is now { $new }; it was { $old }. offer_id has the new offer, to take or leave.
    .title = Price changed
problem-amount-too-small = { $due } would be due. That is too little to charge, and it cannot be waived: so much was waived of this booking before, or the new fares come to less. Choose more at a time, or other flights.
    .title = Too little to charge
problem-connection-changed = A connection of this offer is too short now: a flight has other times, or changing planes takes longer. Search again.
    .title = Connection changed
problem-hold-expired = The booking was not paid in time and its seats are back on sale. Search again.
    .title = Hold expired
problem-already-paid = The booking is paid.
    .title = Already paid
problem-payment-in-progress = A payment of this booking is under way. Wait for its outcome.
    .title = Payment in progress
problem-flight-cancelled = The airline has cancelled a flight of this booking, so it cannot be paid. Cancel the booking and search for another flight.
    .title = Flight cancelled
problem-booking-closed = The booking is { $status }; nothing can be changed any more.
    .title = Booking closed
problem-already-departed = What is left of the booking has departed, so nothing of it can be given back here.
    .title = Already departed
problem-too-many-holds = You have { $most } unpaid bookings already. Pay or cancel one of them first.
    .title = Too many unpaid bookings
problem-already-extended = The deadline was moved once, and cannot be moved again. Pay in time, or cancel.
    .title = Already extended
problem-quote-outdated = The quote is too old, or the booking has changed since. Ask for another quote.
    .title = Quote outdated
problem-refund-not-failed = This refund has not failed: it is { $status }. Only one that the gateway refused can be sent again or settled otherwise.
    .title = Refund has not failed
problem-too-many-expired-holds = Several of your bookings have expired unpaid. Wait { $minutes } minutes before you hold seats again, and pay in time then.
    .title = Too many unpaid bookings
problem-too-many-given-up-holds = You have held and given up seats several times. Wait { $minutes } minutes before you hold seats again.
    .title = Too many bookings given up
problem-too-many-declines = Several of your payments were declined. Wait { $minutes } minutes before you try again, and ask your bank meanwhile.
    .title = Too many declined payments
problem-nothing-to-approve = Nobody has said how this refund was paid, so there is nothing to approve. Say it yourself; somebody else approves then.
    .title = Nothing to approve
problem-second-person-needed = You said how this refund was paid, so somebody else must approve it.
    .title = A second person is needed
problem-pass-not-ours = This is no boarding pass of ours, or it was changed. Read it again, or look the passenger up.
    .title = Not our boarding pass
problem-pass-of-another-flight = This boarding pass is for another flight: { $is_for }.
    .title = Pass of another flight
problem-pass-replaced = A newer boarding pass was issued in place of this one. Ask for the newest.
    .title = Pass was replaced
problem-no-such-pass = This link opens no boarding pass: the flight has arrived, its passenger is not checked in, or the link is not whole.
    .title = No such boarding pass
problem-no-boarding-pass = There is no boarding pass before check-in.
    .title = No boarding pass yet
problem-pass-ended = This passenger is not checked in any more. Send them to the counter.
    .title = Pass has ended
problem-already-boarded = Somebody has boarded with this pass: at { $at }, at the reader { $device }.
    .title = Already boarded
problem-boarding-not-open = Boarding begins at { $boarding_at }, or when staff declare it.
    .title = Boarding has not begun
problem-boarding-closed = Boarding of this flight is closed.
    .title = Boarding is closed
problem-boarding-undone = This reading was taken back: its passenger is not on board. Read the pass again to let them on.
    .title = Boarding was taken back
problem-adult-first = An infant boards after the adult on whose lap it is. Read that pass first.
    .title = The adult boards first
problem-has-boarded = Somebody you named is on board. Take the boarding back at the gate first.
    .title = On board
problem-children-alone = A child is on board and no adult of its booking is. Board one, or take the child off, then close.
    .title = Children alone on board
problem-own-booking = This money goes back to you, so somebody else must say that it was paid, and somebody else approve it.
    .title = Your own booking
problem-proposal-changed = Somebody has said something else about this refund since you looked. Look again, then approve what it says now.
    .title = What was said has changed
problem-refund-replaced = Another refund, { $by }, was sent in place of this one. Look at that one.
    .title = Refund was replaced
problem-order-open = Something else was ordered for this booking and is not paid yet. Pay for it, or give it up first.
    .title = Order open
problem-not-confirmed = The booking is not paid yet, so its flights cannot be changed. Pay for it, or cancel it and book other flights.
    .title = Not confirmed
problem-not-changeable = Tickets of the fare family { $family } cannot be changed.
    .title = Not changeable
problem-adult-must-stay = Children and infants do not fly alone, and every infant needs an adult's lap: keep an adult with them, or give their tickets back too.
    .title = An adult must stay
problem-card-number-refused = Card numbers are not taken here. Give the number to the payment gateway and send us the token.
    .title = Send a token
problem-webhook-url-refused = Nothing is sent to this URL: { $reason }.
    .title = URL refused
problem-webhook-disabled = The webhook is disabled. Enable it first.
    .title = Webhook disabled
problem-too-many-webhooks = There are { $most } webhooks already. Delete one that is not needed.
    .title = Too many webhooks
problem-webhook-refused = This is not signed by the payment gateway, or not within the last five minutes.
    .title = Webhook refused
problem-payment-method-not-ready = This payment method is not ready to pay with: approve it, or add it again.
    .title = Payment method not ready
problem-too-many-travellers = You have saved { $most } travellers, as many as there can be. Remove one first.
    .title = Too many travellers
problem-too-many-browsers = { $most } browsers get what you are told already, as many as there can be. Remove one first.
    .title = Too many browsers
problem-push-service-unknown = This browser takes pushes at a service that we do not send to; we send to { $services }. Use another browser, or read your inbox.
    .title = Unknown push service
problem-too-many-watches = You watch { $most } prices already, as many as there can be. Delete a watch first.
    .title = Too many watches
problem-watch-over = This watch is over: its last date has passed, or nobody flies any more on what was bought. Make another one.
    .title = The watch is over
problem-too-many-payment-methods = You have saved as many payment methods as there can be. Remove one first.
    .title = Too many payment methods
problem-seat-taken = Seat { $seat } is taken. Choose another.
    .title = Seat taken
problem-seat-not-allowed = { $reason ->
        [no_such_seat] This flight has no seat { $seat } in your cabin. Choose one that the seat map shows.
        [blocked] Seat { $seat } is given at the airport only. Choose another.
        [chosen_twice] Seat { $seat } is chosen for two passengers. Choose another for one of them.
        [exit_age] Beside an emergency exit sit passengers of fifteen or older. Choose a seat in another row than { $seat }.
        [exit_infant] Beside an emergency exit nobody has an infant on the lap. Choose a seat in another row than { $seat }.
        [exit_guardian] An adult who looks after children does not sit beside an emergency exit. Seat one of you elsewhere than { $seat }.
        [infant_mask] There is no oxygen mask for an infant at seat { $seat }: one for each block of seats, and not in every row. Choose another row or side.
        [child_apart] A child sits beside an adult of the booking, and there are seats together. Choose another than { $seat }, or seats for both at once.
       *[other] Seat { $seat } cannot be chosen. Choose another.
    }
    .title = Not this seat
problem-no-seat-map = Seats of this flight cannot be chosen; they are given at check-in.
    .title = No seat map
problem-extra-sold-out = { $name } is sold out on a flight.
    .title = Sold out
problem-extra-not-allowed = { $reason ->
        [cabin] This extra is not sold in your cabin.
        [passenger] This extra is not for passengers of this type.
        [included] Your fare includes this already.
       *[other] This extra cannot be bought.
    }
    .title = Not this extra
problem-extras-closed = The sale of seats and extras for this flight has ended.
    .title = Sale ended
problem-check-in-not-open = Check-in of this flight opens at { $opens_at }.
    .title = Check-in is not open yet
problem-check-in-closed = Check-in of this flight closed at { $closed_at }.
    .title = Check-in is closed
problem-checked-in = Somebody is checked in to a flight that is to be changed. Take check-in back first.
    .title = Checked in
problem-document-required = This flight crosses a border. Give the passport of each passenger first.
    .title = Passport needed
problem-document-not-valid = { $reason ->
        [expired] The passport will have expired. Give another.
        [expires_soon] The passport must be valid for { $months } months after arrival. Give another.
        [born_on_differs] The passport has another date of birth than the passenger. Give the passenger's own.
       *[other] The passport is not valid for this flight. Give another.
    }
    .title = Passport not valid
problem-declaration-required = Nobody flies with dangerous goods. Confirm that you carry none.
    .title = Declaration needed
problem-adult-must-check-in = Children and infants check in with an adult of the booking. Add one.
    .title = An adult must check in
problem-no-seat-left = There is no seat left to be given on this flight. Come to the counter at the airport.
    .title = No seat left
problem-offloaded = You were taken off this flight at the airport. Come to the counter to check in again.
    .title = Check in at the counter
problem-review-too-early = You can review a flight once you have flown it.
    .title = Not flown yet
problem-review-not-yours = Only those who were on the flight can review it. Your ticket for it was given back or not used.
    .title = Not on this flight
problem-review-closed = The time for this is over: { $days } days.
    .title = Too late
problem-review-changed = Its writer has changed the review since you read it. Read it again, and then decide.
    .title = The review has changed
problem-audience-changed = { $recipients ->
        [1] One account is to be told by now
       *[other] { $recipients } accounts are to be told by now
    }, and that is not what you saw. Send it again with that number, if it is right.
    .title = It is for others by now
problem-nobody-to-tell = Nobody flies there, so there is nobody to tell.
    .title = Nobody to tell
problem-announcement-withdrawn = It was taken back. Draft another to announce something.
    .title = The announcement was taken back
problem-announcement-not-sent = It was not sent, so there is nothing to take back: a draft is deleted after a day.
    .title = The announcement was not sent
problem-own-review = This is your own review. You can change it or take it back.
    .title = Your own review
problem-too-many-open-tickets = You have { $most } tickets that are not dealt with. Write on one of them, or say that it is resolved.
    .title = Too many open tickets
problem-ticket-closed = This ticket is over. Open a new one.
    .title = The ticket is closed
problem-file-not-allowed = Only pictures (JPEG, PNG, WebP, GIF) and PDF can be attached, and a picture must be one that can be read.
    .title = A file of another kind
problem-too-many-tickets = You have asked for help many times today. Write on one of your tickets, or ask again later.
    .title = Too many tickets
problem-too-many-messages = You have written many messages today. We read them all; write again later.
    .title = Too many messages
problem-too-many-files = You have sent as many files as one may in a day. Try again tomorrow.
    .title = Too many files
problem-puzzle-required = Many bookings are being looked for by machines. Solve the puzzle that comes with this answer, and ask again with its solution.
    .title = A puzzle first
problem-boarding-started = Boarding has begun, so check-in cannot be taken back here. Tell the staff at the gate.
    .title = Boarding has begun
problem-order-unpaid = This seat is part of an order that is not paid yet. Pay it, or take it out of that order first.
    .title = Order not paid
problem-extra-exists = There is an extra with this code. Change that one, or choose another code.
    .title = Extra exists
problem-promotion-refused = { $reason ->
        [unknown] There is no such promotion code. Check the spelling.
        [not_started] The promotion code cannot be used yet.
        [ended] The promotion has ended.
        [already_applied] The promotion code is on this booking already.
        [not_combinable] The promotion codes cannot be used together. Take the other one off first.
        [not_first_booking] The promotion code is for a first booking only.
        [route] The promotion code is not for these routes.
        [cabin] The promotion code is not for this cabin.
        [fare_family] The promotion code is not for this fare family.
        [travel_dates] The promotion code is not for these dates of travel.
        [currency] The promotion code is not for fares in this currency.
        [minimum_spend] The fares come to less than the promotion code asks for.
        [nothing_to_discount] There is nothing left that the promotion code could take off.
        [extra_not_chosen] The promotion code gives an extra that is not on the booking. Choose the extra first.
        [first_booking_taken] Another unpaid booking of yours has a code for a first booking. Pay or cancel that one first.
        [used_up] The promotion code has been used up.
        [used_up_by_you] You have used the promotion code as often as you can.
       *[other] The promotion code cannot be used here.
    }
    .title = Promotion code refused
problem-promotion-exists = The promotion code { $code } has been filed before. Change it, or choose another one.
    .title = Promotion exists
problem-promotion-over = The promotion { $code } was ended and cannot be changed. File another code.
    .title = Promotion over
problem-promotion-limit-below-used = The promotion code has { $used } uses already; its limit cannot be lower.
    .title = Limit below uses

# What documents say. The number of pages is filled in later.
pass-title = Boarding passes
pass-subject = Boarding passes of { $airline } for booking { $locator }
pass-boarding = Boarding from
pass-gate = Gate
pass-see-screens = See the screens
pass-seat = Seat
pass-on-lap = On a lap
pass-no-seat = Any free seat
pass-sequence = Sequence
pass-version = Version
pass-code = Bar code of { $name }, flight { $flight }, seat { $seat }
pass-note = Electronic ticket. Times are local. Be at the gate when boarding begins, with the document you travel on. The gate may change: look at the screens. A later version takes the place of this one.
pass-wallet-note = Please note
pass-wallet-self-test-label = Self-test
pass-wallet-self-test = Signed for trying things out. No telephone takes this pass.
pass-goods = Do not carry explosives, gas, flammable liquids, poisons, or loose lithium batteries in checked bags.
paper-itinerary = Your trip
paper-itinerary-subject = Trip with { $airline }, booking { $locator }
paper-itinerary-note = Times and gates can change: look at the screens of the airport. Bring the document that you travel on. This is no boarding pass.
paper-as-of = As of
paper-instead-of = { $now } instead of { $before }
paper-takes = Duration
paper-duration = { $hours } h { $minutes } min
paper-gate = Gate
paper-seat = Seat { $seat }
paper-seats = Seats
paper-bags = Baggage included
paper-bags-of-cabin = Cabin bags: { $cabin }; no checked bags
paper-bags-of-both = Cabin bags: { $cabin }; checked bags: { $checked }, up to { $kilograms } kg each
paper-flight-scheduled = On time
paper-flight-delayed = Delayed
paper-flight-boarding = Boarding
paper-flight-departed = Departed
paper-flight-arrived = Arrived
paper-flight-cancelled = Cancelled
paper-receipt = Receipt
paper-not-a-receipt = Price of a booking
paper-unpaid = Nothing has been paid for this booking yet. This is not a receipt.
paper-subject = Receipt of { $airline } for booking { $locator }
paper-reference = Booking reference
paper-foot = { $airline } · { $locator } · issued { $at }
paper-pages = Page { $page } of { $pages }
paper-status = Status
paper-status-held = Held, not paid
paper-status-confirmed = Confirmed
paper-status-completed = Flown
paper-status-expired = Expired
paper-status-cancelled = Cancelled
paper-booked = Booked
paper-issued = Issued
paper-currency = All amounts in
paper-instant = { $day } { $month } { $year }, { $time } UTC
paper-day = { $day } { $month } { $year }, { $time }
paper-month-1 = Jan
paper-month-2 = Feb
paper-month-3 = Mar
paper-month-4 = Apr
paper-month-5 = May
paper-month-6 = June
paper-month-7 = July
paper-month-8 = Aug
paper-month-9 = Sept
paper-month-10 = Oct
paper-month-11 = Nov
paper-month-12 = Dec
paper-passengers = Passengers
paper-passenger = Passenger
paper-type = Type
paper-adult = Adult
paper-child = Child
paper-infant = Infant
paper-ticket = Ticket
paper-emds = Documents of extras (EMD)
paper-flights = Flights
paper-flight = Flight
paper-route = From – to
paper-departs = Departs
paper-arrives = Arrives
paper-cabin = Cabin
paper-economy = Economy
paper-premium-economy = Premium economy
paper-business = Business
paper-first = First
paper-times = Times are local to each airport.
paper-price = Fares
paper-fare-of = Passenger
paper-slice = Journey { $number } · { $route } · { $family }
paper-base = Fare
paper-discount = Discount
paper-taxes = Taxes and charges
paper-total = Total
paper-fares-total = Total of fares
paper-fares-note = These are the fares as they were sold, those that were exchanged or given back later too.
paper-state-refunded = given back
paper-state-exchanged = exchanged
paper-promotions = Promotion codes
paper-promotion = Promotion
paper-waived = Too little to charge
paper-extras = Seats, baggage and extras
paper-extra = Extra
paper-document = Document (EMD)
paper-amount = Amount
paper-extras-total = Total of extras
paper-account = What was sold and given back
paper-movement = Movement
paper-sale = Sale
paper-change = Change
paper-cancellation = Given back
paper-fares = Fares
paper-discounts = Discounts
paper-fees = Kept for changing or cancelling
paper-extra-seat = Seats
paper-extra-baggage = Baggage
paper-extra-meal = Meals
paper-extra-priority = Priority
paper-extra-other = Other extras
paper-tax = Tax or charge { $code }
paper-money = Payments and refunds
paper-date = Date
paper-method = Method
paper-payment = Payment
paper-refund = Refund
paper-refund-bounced = Refund that came back
paper-refund-pending = Refund on its way
paper-refund-by-bank-transfer = Bank transfer
paper-refund-by-cheque = Cheque
paper-refund-by-cash = Cash
paper-refund-by-other = Paid by the airline
paper-card = Card
paper-wallet = Wallet
paper-bank = Bank account
paper-upi = UPI
paper-summary = Summary
paper-sold = Fares, taxes and extras, less discounts and what was given back
paper-cost = Cost of the booking
paper-paid = Paid
paper-returned = Returned
paper-returning = On its way back
paper-owed = Still to be paid

# Why so much comes back of a part of a fare, in quotes.
refund-airline-cancelled = The airline cancelled the flight: everything that was not flown comes back.
refund-airline-moved = The airline moved the flight by { $minutes } minutes: everything that was not flown comes back.
refund-cooling-off = You changed your mind soon after booking: everything comes back.
refund-fare-rule = It was sold with { $percent } % back until { $hours } hours before departure.
refund-carried-over = You paid this for a ticket that you changed, of which { $percent } % would have come back then. No more comes back of it now.
refund-not-refundable = It was sold without a refund, or without one this late.
refund-unused-tax = Taxes and charges of flights that were not flown come back.

# The page at which somebody decides about a program
authorize-title = A program asks for your account
authorize-trouble = That did not work. Try again.
authorize-back = Back to the program that sent you
authorize-login-title = Log in to go on
authorize-email = E-mail address
authorize-password = Password
authorize-login = Log in
authorize-factor-title = Now your second factor
authorize-code = Code of your authenticator app, or a recovery code
authorize-go-on = Go on
authorize-passkey = Use a passkey
authorize-with = Log in with %s
authorize-asks = asks to do this with your Udaan account:
authorize-end-it = You can end this at any time in the list of your sessions.
authorize-allow = Allow
authorize-deny = Do not allow
authorize-needs-script = This page needs JavaScript.
authorize-scope-account-read = see your profile and saved travellers
authorize-scope-account-write = change your profile and saved travellers
authorize-scope-bookings-read = see your bookings
authorize-scope-bookings-write = book, change and cancel for you
authorize-scope-payments-read = see your payments and saved ways to pay
authorize-scope-payments-write = pay for you
authorize-scope-staff-read = see what your role lets you see at the airline
authorize-scope-staff-write = do what your role lets you do at the airline

# Mails. An empty line begins a paragraph. `.action` is the label of the link.
mail-signature = { $airline }. Nobody reads answers to this mail.
mail-verify-address = Somebody, we hope you, made an account with { $airline } with this address.

    Open the link within { $hours } hours to show that the address is yours. If you made no account, do nothing: nobody can prove that this address is theirs but you.
    .subject = Confirm your e-mail address
    .action = Confirm the address
mail-account-exists = Somebody, perhaps you, tried to make an account with this address. You have one already, so nothing was changed.

    If it was you, log in with the password you have, or set a new one with "forgotten password". If it was not, there is nothing to do.
    .subject = You have an account already
    .action = Log in
mail-reset-password = Somebody, we hope you, asked for a new password for your account.

    Open the link within { $minutes } minutes to set one. It works once. If it was not you, do nothing: your password stays as it is.
    .subject = Set a new password
    .action = Set a new password
mail-password-changed = The password of your account was changed just now, and wherever else you were signed in you are no longer.

    If it was not you, set a new password at once with "forgotten password".
    .subject = Your password was changed
    .action = Log in
mail-second-factor-added = A second factor was added to your account just now: from now on it is asked for, or will do, when somebody signs in.

    If it was not you, somebody else was signed in to your account. Set a new password at once with "forgotten password", and if you cannot sign in after that, ask us.
    .subject = A second factor was added to your account
    .action = Look at your account
mail-second-factor-removed = A second factor was taken away from your account just now.

    If it was not you, somebody else was signed in to your account. Set a new password at once with "forgotten password", log in, and look at what second factors there are.
    .subject = A second factor was taken away from your account
    .action = Look at your account
mail-second-factors-reset = All second factors and recovery codes of your account were taken away by { $airline }. Your password opens it until you add others.

    If you did not ask for it and have no new role with us, tell us at once: it is what a thief of your password would ask for.
    .subject = Your second factors were taken away
    .action = Look at your account
mail-recovery-codes-made = New recovery codes were made for your account just now. Those you had are good no more.

    If it was not you, somebody else was signed in to your account. Set a new password at once with "forgotten password", log in, and make codes anew.
    .subject = New recovery codes were made
    .action = Look at your account
mail-confirm-address = Somebody, we hope you, wants this to be the address of their account with { $airline }.

    Open the link within { $hours } hours to confirm it. If it was not you, do nothing.
    .subject = Confirm your new e-mail address
    .action = Confirm the new address
mail-address-changed = The address of your account was changed, and this one is no longer in use there.

    If it was not you, open the link within { $hours } hours: it makes this the address again, ends every session, and lets you set a new password.
    .subject = Your e-mail address was changed
    .action = It was not me
mail-record-code = The code that shows booking { $locator } is { $code }. It is good for { $minutes } minutes, and once.

    If you did not ask for it, somebody else knows the booking code. Without this number they see only which flights it has. Do not give it to anybody.
    .subject = Your code for booking { $locator }
    .action = Open the booking
mail-provider-linked = From now on your account at { $airline } can also be signed in to with { $provider }.

    If it was not you, set a new password at once with "forgotten password", log in, and take { $provider } away from your account.
    .subject = { $provider } opens your account
    .action = Go to { $airline }
mail-provider-confirmed = You signed in with { $provider }, which confirmed that this address is yours. It had an account that was never confirmed; it is yours now.

    Whoever made it, perhaps you, is signed out everywhere, and the password it had is gone. Set one with "forgotten password" if you want to log in without { $provider }.
    .subject = { $provider } opens your account
    .action = Go to { $airline }
mail-account-deleted = Your account is deleted, as you asked. What we must keep by law, such as invoices, no longer has your name.
    .subject = Your account is deleted
    .action = Farewell

# /dev/mailbox of a demo
mailbox-title = Mails of this demo
mailbox-empty = No mail was written yet.

# Notifications: in the inbox, and as mails. `.title` is the subject. Times are local at the origin.
notice-end = No more mails like this
unsubscribe-title = Mails from us
unsubscribe-ask = Shall we no longer mail you { $kind }? You still find it in your inbox when you are signed in.
unsubscribe-end = No more of these mails
unsubscribe-done = We no longer mail you { $kind }. You can turn it on again in your account, under what is mailed.
unsubscribe-unknown = This link is not one of ours, or its account is gone. What is mailed can be chosen in your account.
unsubscribe-kind-payment = payments
unsubscribe-kind-refund = refunds
unsubscribe-kind-delay = delays of your flights
unsubscribe-kind-gate = gates of your flights
unsubscribe-kind-check-in-open = that check-in is open
unsubscribe-kind-check-in-reminder = reminders to check in
unsubscribe-kind-support-answer = that we answered a question of yours
unsubscribe-kind-price-drop = prices that fell
unsubscribe-kind-announcement = what we announce
notice-open-trip = Open the trip
notice-open-booking = Find the booking
notice-open-alerts = Open my price alerts
notice-open-ticket = Open the conversation
notice-open-inbox = Open my inbox
notice-open-site = Open our site
notice-pass = Boarding pass of { $name }: { $link }
notice-ticket-attached = Your receipt with the ticket numbers is attached.
notice-date = { $day } { $month } { $year }
notice-flight = { $flight }: { $origin } to { $destination }, { $departs }
notice-confirmed = Booking { $locator } is confirmed, and its tickets are issued.
    .title = Booking { $locator } is confirmed
notice-changed = Booking { $locator } has other flights now, and new tickets are issued.
    .title = Booking { $locator } is changed
notice-paid = { $amount } was paid for booking { $locator }.
    .title = Payment received: { $amount }
notice-declined = The payment of { $amount } for booking { $locator } was refused, and nothing was charged. Try again or with something else while the seats are held.
    .title = Payment refused: { $amount }
notice-refund-ordered = { $amount } of booking { $locator } is on its way back to where it came from. We tell you when it was sent.
    .title = Refund on its way: { $amount }
notice-refunded = { $amount } of booking { $locator } went back to you. A bank may take some days to show it.
    .title = Refunded: { $amount }
notice-refund-returned = { $amount } of booking { $locator } had gone back to you, and came back to us: your bank or card did not take it. It is yours all the same. We look for another way, and tell you when it is sent.
    .title = Your refund came back to us: { $amount }
notice-retimed = { $flight } from { $origin } to { $destination } has other times: it is now scheduled to leave at { $departs }{ $has-arrival ->
        [yes] { " " }and to arrive at { $arrives }
       *[no] { "" }
    }. See in your booking { $locator } whether the rest of your trip still fits, and which other flights you can have.
    .title = Other times for { $flight } to { $destination }
notice-delayed = { $flight } from { $origin } to { $destination } is late: it is expected to leave at { $expected }, and was scheduled for { $departs }. Booking { $locator }.
    .title = { $flight } to { $destination } is late
notice-on-time = { $flight } from { $origin } to { $destination } is on time after all and leaves at { $departs }. Booking { $locator }.
    .title = { $flight } to { $destination } is on time after all
notice-flight-cancelled = We are sorry: { $flight } from { $origin } to { $destination }, { $departs }, is cancelled. Open booking { $locator } to take other flights, or to have your money back.
    .title = { $flight } to { $destination } is cancelled
notice-reinstated = { $flight } from { $origin } to { $destination } is flown after all and leaves at { $departs }. Booking { $locator }.
    .title = { $flight } to { $destination } is flown after all
notice-booking-cancelled = Booking { $locator } is cancelled. { $comes-back ->
        [yes] { $amount } goes back to where it came from.
       *[no] Nothing comes back of it.
    }
    .title = Booking { $locator } is cancelled
notice-partly-cancelled = A part of booking { $locator } is cancelled. { $comes-back ->
        [yes] { $amount } goes back to where it came from.
       *[no] Nothing comes back of it.
    } What is still flown:
    .title = A part of booking { $locator } is cancelled
notice-offloaded = We are sorry: not everybody of booking { $locator } can be on { $flight } from { $origin } to { $destination }, { $departs }. The boarding passes of whoever was put off the flight are no longer good. Ask at the counter, or open the booking: you may take another flight, or have your money back.
    .title = You are not checked in for { $flight } to { $destination } any more
notice-gate = { $flight } from { $origin } to { $destination } leaves from gate { $gate } at { $expected }. Booking { $locator }.
    .title = Gate { $gate } for { $flight } to { $destination }
notice-support-answered = We answered your question { $ticket }. Open it to read the answer, or to ask on.
    .title = Your question was answered
notice-announced = The airline announced something that is no longer kept.
    .title = An announcement
notice-price-dropped = { $has-flight ->
        [yes] { $flight } from { $origin } to { $destination } on { $date }
       *[no] From { $origin } to { $destination } on { $date } you fly
    } { $has-flight ->
        [yes] costs
       *[no] for
    } { $amount } now{ $has-was ->
        [yes] ; it was { $was }
       *[no] { "" }
    }. Prices move: this one holds until somebody takes it.
    .title = { $amount } to { $destination } on { $date }
notice-check-in-open = You can check in for { $flight } from { $origin } to { $destination }, { $expected }. Booking { $locator }.
    .title = Check in for { $flight } to { $destination }
notice-check-in-reminder = { $flight } from { $origin } to { $destination } leaves at { $expected }{ $has-gate ->
        [yes] { " " }from gate { $gate }
       *[no] { "" }
    }, and not everybody of booking { $locator } is checked in. Check in before it closes.
    .title = { $flight } leaves soon: check in now

# The page that links of mails open
callback-title = Signing in
callback-trouble = That did not work. Begin again.
callback-none = There is nothing to do here. Begin again at the start.
callback-wait = One moment …
callback-start = To the start
callback-factor-title = Now your second factor
callback-code = Code of your authenticator app, or a recovery code
callback-go-on = Go on
callback-passkey = Use a passkey
callback-needs-script = This page needs JavaScript.
pass-page-title = Boarding pass
pass-page-trouble = That did not work. Try again.
pass-page-none = Open the whole link to your boarding pass.
pass-page-offline = No connection. This is what was known when it was last asked for.
pass-page-cancelled = This flight is cancelled.
pass-page-name = Passenger
pass-page-flight = Flight
pass-page-boarding = Boarding from, local time
pass-page-departs = Departs, local time
pass-page-gate = Gate
pass-page-seat = Seat
pass-page-apple = Add to Apple Wallet
pass-page-google = Add to Google Wallet
pass-page-apple-self-test = For Apple Wallet it is signed for trying things out: no telephone takes it.
pass-page-google-self-test = For Google Wallet it is signed for trying things out: Google does not take it.
pass-page-needs-script = This page needs JavaScript.
account-title = Your account
account-trouble = That did not work. Try again.
account-done = Done. You can close this page.
account-none = There is nothing to do here. Open the link of the mail again, whole.
account-password = New password
account-set = Set the password
account-go-on = Go on
account-needs-script = This page needs JavaScript.
faq-section-booking = Booking
faq-section-payment = Payment
faq-section-changes = Changes and refunds
faq-section-check-in = Check-in and boarding
faq-section-baggage = Baggage
faq-section-disruption = Delays and cancellations
faq-section-assistance = Assistance
faq-section-account = Account and data
