"""The official Python client against our test gateway: what it sends is understood, what it gets it can read.

Usage: official_python.py UDAAN_BINARY [--localstripe PACKAGES] [--node PACKAGES]
With localstripe, the same shop runs against it and must tell the same story, as far as localstripe goes. With Node, the
official Node client goes its own way (official_node.mjs).
"""

import argparse
import json
import os
import subprocess
import urllib.parse
import urllib.request

import stripe
from common import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, Shop, eventually, localstripe, udaan_gateway

CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}


def client(url, key=SECRET_KEY, retries=0):
    return stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=retries)


def refused(kind, call):
    """The error of a call that must be refused."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def pay(shop, **more):
    """A payment as the likeness asks for it."""
    params = {"amount": 45900, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    params.update(return_url="https://shop.example/back", **more)
    return shop.v1.payment_intents.create(params)


def visit(url, verdict):
    """The traveller on the challenge page. Where it leads afterwards is not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    request = urllib.request.Request(f"{url}/{verdict}", method="POST")
    try:
        urllib.request.build_opener(Stay).open(request)
    except urllib.error.HTTPError as error:
        assert error.code == 303, error


def check_payments(shop, _):
    intent = pay(shop, metadata={"payment": "pay_1"}, expand=["latest_charge", "payment_method"])
    assert isinstance(intent, stripe.PaymentIntent) and intent.status == "succeeded", intent
    assert (intent.amount_received, intent.currency, intent.metadata["payment"]) == (45900, "usd", "pay_1")
    same = shop.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge", "payment_method"]})
    assert isinstance(same.latest_charge, stripe.Charge) and same.latest_charge.paid
    assert isinstance(same.payment_method, stripe.PaymentMethod) and same.payment_method.card.last4 == "4242"
    found = shop.v1.payment_intents.search({"query": "metadata['payment']:'pay_1'"})
    assert [one.id for one in found.data] == [intent.id]
    amended = shop.v1.payment_intents.update(intent.id, {"metadata": {"seen": "yes"}})
    assert dict(amended.metadata.to_dict()) == {"payment": "pay_1", "seen": "yes"}


def check_steps(shop, _):
    intent = shop.v1.payment_intents.create(
        {"amount": 100, "currency": "usd", "automatic_payment_methods": {"enabled": True}}
    )
    assert intent.status == "requires_payment_method" and intent.client_secret
    method = shop.v1.payment_methods.create({"type": "card", "card": CARD})
    confirmed = shop.v1.payment_intents.confirm(intent.id, {"payment_method": method.id})
    assert (confirmed.status, confirmed.payment_method) == ("succeeded", method.id)
    error = refused(stripe.InvalidRequestError, lambda: shop.v1.payment_intents.cancel(intent.id))
    assert error.code == "payment_intent_unexpected_state" and error.http_status == 400
    other = shop.v1.payment_intents.create({"amount": 100, "currency": "usd"})
    assert shop.v1.payment_intents.cancel(other.id, {"cancellation_reason": "abandoned"}).status == "canceled"


def check_declines(shop, _):
    for token, code, decline_code in [
        ("chargeDeclined", "card_declined", "generic_decline"),
        ("chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ]:
        error = refused(stripe.CardError, lambda: pay(shop, payment_method=f"pm_card_visa_{token}"))
        assert (error.http_status, error.code, error.error.decline_code) == (402, code, decline_code)
        assert error.error.payment_intent.status == "requires_payment_method"
        assert error.error.payment_intent.last_payment_error.decline_code == decline_code
    error = refused(stripe.InvalidRequestError, lambda: shop.v1.payment_intents.create({"currency": "usd"}))
    assert (error.param, error.code) == ("amount", "parameter_missing")
    error = refused(stripe.InvalidRequestError, lambda: shop.v1.payment_intents.retrieve("pi_none"))
    assert error.code == "resource_missing" and error.request_id.startswith("req_")


def check_keys(shop, url):
    key = {"idempotency_key": "likeness-1"}
    params = {"amount": 700, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    first = shop.v1.payment_intents.create(params, options=key)
    again = shop.v1.payment_intents.create(params, options=key)
    assert first.id == again.id and again.last_response.headers["idempotent-replayed"] == "true"
    other = {**params, "amount": 701}
    refused(stripe.IdempotencyError, lambda: shop.v1.payment_intents.create(other, options=key))
    stranger = client(url, "sk_test_other")
    refused(stripe.AuthenticationError, lambda: stranger.v1.payment_intents.list())
    browser = client(url, PUBLISHABLE_KEY)
    refused(stripe.PermissionError, lambda: browser.v1.payment_intents.list())
    token = browser.v1.payment_methods.create({"type": "card", "card": CARD})
    assert pay(shop, payment_method=token.id).status == "succeeded"


def check_refunds(shop, _):
    intent = pay(shop)
    part = shop.v1.refunds.create({"payment_intent": intent.id, "amount": 900, "metadata": {"refund": "rfd_1"}})
    assert isinstance(part, stripe.Refund) and (part.status, part.amount) == ("succeeded", 900)
    error = refused(
        stripe.InvalidRequestError,
        lambda: shop.v1.refunds.create({"payment_intent": intent.id, "amount": 45001}),
    )
    assert error.param == "amount"
    rest = shop.v1.refunds.create({"charge": intent.latest_charge, "reason": "requested_by_customer"})
    assert rest.amount == 45000
    listed = shop.v1.refunds.list({"payment_intent": intent.id})
    assert [one.id for one in listed.auto_paging_iter()] == [rest.id, part.id]
    error = refused(stripe.InvalidRequestError, lambda: shop.v1.refunds.create({"payment_intent": intent.id}))
    assert error.code == "charge_already_refunded"
    slow = pay(shop, payment_method="pm_card_pendingRefund")
    pending = shop.v1.refunds.create({"payment_intent": slow.id})
    assert pending.status == "pending"
    eventually("the refund", lambda: shop.v1.refunds.retrieve(pending.id).status == "succeeded")


def check_step_up(shop, _):
    for verdict, status in [("approve", "succeeded"), ("refuse", "requires_payment_method")]:
        for method, kind in [("pm_card_threeDSecure2Required", "redirect_to_url"), ("pm_upi", None)]:
            intent = pay(shop, payment_method=method, payment_method_types=["card", "upi"])
            assert intent.status == "requires_action"
            action = intent.next_action
            url = (
                action.redirect_to_url.url
                if kind
                else action.upi_handle_redirect_or_display_qr_code.hosted_instructions_url
            )
            visit(url, verdict)
            assert shop.v1.payment_intents.retrieve(intent.id).status == status


def check_debits(shop, _):
    for token, status in [("success", "succeeded"), ("insufficientFunds", "requires_payment_method")]:
        intent = pay(shop, payment_method=f"pm_usBankAccount_{token}", payment_method_types=["us_bank_account"])
        assert intent.status == "processing"
        eventually("the debit", lambda: shop.v1.payment_intents.retrieve(intent.id).status == status)


def check_saved(shop, _):
    customer = shop.v1.customers.create({"name": "Asha Rao", "email": "asha@example.com"})
    setup = shop.v1.setup_intents.create(
        {"customer": customer.id, "payment_method": "pm_card_visa", "confirm": True, "usage": "off_session"}
    )
    assert isinstance(setup, stripe.SetupIntent) and setup.status == "succeeded"
    paid = pay(shop, customer=customer.id, payment_method=setup.payment_method, off_session=True)
    assert (paid.status, paid.customer) == ("succeeded", customer.id)
    listed = shop.v1.customers.payment_methods.list(customer.id, {"type": "card"})
    assert [method.id for method in listed.data] == [setup.payment_method]
    asking = shop.v1.setup_intents.create({"customer": customer.id, "payment_method_types": ["card"]})
    asking = shop.v1.setup_intents.confirm(asking.id, {"payment_method": "pm_card_authenticationRequiredOnSetup"})
    assert asking.status == "requires_action"
    visit(asking.next_action.redirect_to_url.url, "approve")
    ready = shop.v1.setup_intents.retrieve(asking.id)
    assert ready.status == "succeeded"
    assert pay(shop, customer=customer.id, payment_method=ready.payment_method, off_session=True).status == "succeeded"
    always = shop.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id})
    error = refused(
        stripe.CardError,
        lambda: pay(shop, customer=customer.id, payment_method=always.id, off_session=True),
    )
    assert error.code == "authentication_required"
    assert shop.v1.payment_methods.detach(setup.payment_method).customer is None
    assert shop.v1.customers.delete(customer.id).deleted
    wallet = shop.v1.payment_intents.create(
        {"amount": 1_000, "currency": "usd", "confirm": True, "payment_method": "pm_card_applePay", "expand": ["payment_method"]}
    )
    assert wallet.payment_method.card.wallet.type == "apple_pay", "what was asked to be expanded is in the answer"
    method = shop.v1.payment_methods.retrieve(wallet.payment_method.id)
    assert method.card.wallet.type == "apple_pay"


def check_webhooks(shop, _):
    with Shop(refusals=1) as sink:
        endpoint = shop.v1.webhook_endpoints.create(
            {"url": sink.url, "enabled_events": ["payment_intent.succeeded", "refund.created"]}
        )
        intent = pay(shop)
        shop.v1.refunds.create({"payment_intent": intent.id, "amount": 5})
        eventually("three deliveries", lambda: len(sink.taken) >= 3)
        events = {}
        for body, signature in sink.taken:
            event = stripe.Webhook.construct_event(body, signature, endpoint.secret)
            events[event.type] = event
            for wrong in [(body + b" ", signature, endpoint.secret), (body, signature, "whsec_other")]:
                refused(stripe.SignatureVerificationError, lambda: stripe.Webhook.construct_event(*wrong))
        assert set(events) == {"payment_intent.succeeded", "refund.created"}
        told = events["payment_intent.succeeded"]
        assert isinstance(told.data.object, stripe.PaymentIntent) and told.data.object.id == intent.id
        assert shop.v1.events.retrieve(told.id).type == told.type
        listed = shop.v1.events.list({"types": ["refund.created"]})
        assert listed.data[0].id == events["refund.created"].id
        assert shop.v1.webhook_endpoints.update(endpoint.id, {"disabled": True}).status == "disabled"
        assert shop.v1.webhook_endpoints.delete(endpoint.id).deleted


def check_retries(shop, url):
    """The client's own retries, with the key it makes up for them, at a gateway that resets and errs before effect."""
    rates = {"reset_before": 0.2, "reset_after": 0.2, "error_before": 0.2, "seed": 5}
    hostile(url, rates)
    # Its pauses are for a real provider's sake.
    stripe.HTTPClient.INITIAL_DELAY, stripe.HTTPClient.MAX_DELAY = 0.01, 0.05
    patient = client(url, retries=12)
    paid = [pay(patient, metadata={"batch": "retries"}) for _ in range(20)]
    injected = sum(fault["injected"] for fault in hostile(url, {})["faults"].values())
    assert injected >= 10, f"only {injected} faults"
    assert len({intent.id for intent in paid}) == 20
    page = shop.v1.payment_intents.list({"limit": 3})
    listed = [one for one in page.auto_paging_iter() if one.metadata.to_dict().get("batch") == "retries"]
    assert len(listed) == 20, f"{len(listed)} charges for 20 payments"


def hostile(url, rates):
    """Sets what goes wrong; what went wrong until now."""

    def call(body):
        request = urllib.request.Request(f"{url}/_test/hostility", body, {"Authorization": f"Bearer {SECRET_KEY}"})
        return json.load(urllib.request.urlopen(request))

    before = call(None)
    call(urllib.parse.urlencode(rates).encode())
    return before


CHECKS = [
    check_payments,
    check_steps,
    check_declines,
    check_keys,
    check_refunds,
    check_step_up,
    check_debits,
    check_saved,
    check_webhooks,
    check_retries,
]


def story(shop, sink):
    """What a shop lives through where localstripe knows its way about, as facts that can be compared."""
    facts = []
    customer = shop.v1.customers.create({"name": "Asha Rao", "email": "asha@example.com", "metadata": {"user": "1"}})
    facts.append(("customer", customer.object, customer.name, customer.email, customer.metadata["user"]))
    method = shop.v1.payment_methods.create({"type": "card", "card": CARD})
    facts.append(("method", method.type, method.card.brand, method.card.last4, method.customer))
    attached = shop.v1.payment_methods.attach(method.id, {"customer": customer.id})
    facts.append(("attached", attached.customer == customer.id))
    listed = shop.v1.payment_methods.list({"customer": customer.id, "type": "card"})
    facts.append(("listed", [one.id == method.id for one in listed.data]))
    params = {"amount": 45900, "currency": "usd", "customer": customer.id, "payment_method": method.id}
    intent = shop.v1.payment_intents.create({**params, "metadata": {"payment": "pay_1"}})
    facts.append(("opened", intent.status, intent.amount, intent.currency))
    intent = shop.v1.payment_intents.confirm(intent.id)
    facts.append(("paid", intent.status, intent.metadata["payment"], intent.customer == customer.id))
    facts.append(("seen", shop.v1.payment_intents.retrieve(intent.id).status))
    refund = shop.v1.refunds.create({"payment_intent": intent.id, "amount": 900})
    facts.append(("refund", refund.object, refund.status, refund.amount, refund.payment_intent == intent.id))
    other = shop.v1.payment_intents.create(params)
    facts.append(("given up", shop.v1.payment_intents.cancel(other.id).status))
    failing = shop.v1.payment_methods.create({"type": "card", "card": {**CARD, "number": "4000000000000341"}})
    shop.v1.payment_methods.attach(failing.id, {"customer": customer.id})
    declined = {**params, "payment_method": failing.id, "confirm": True}
    error = refused(stripe.CardError, lambda: shop.v1.payment_intents.create(declined))
    facts.append(("declined", error.http_status, error.code))
    asking = shop.v1.payment_methods.create({"type": "card", "card": {**CARD, "number": "4000002760003184"}})
    shop.v1.payment_methods.attach(asking.id, {"customer": customer.id})
    asked = shop.v1.payment_intents.create({**params, "payment_method": asking.id, "confirm": True})
    facts.append(("asked", asked.status, asked.next_action is not None))
    error = refused(stripe.InvalidRequestError, lambda: shop.v1.payment_intents.retrieve("pi_none"))
    facts.append(("missing", error.http_status))
    paid = lambda: [one for one in sink.taken if b'"payment_intent.succeeded"' in one[0]]
    body, signature = eventually("the webhook", paid)[0]
    event = stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET)
    facts.append(("told", event.type, event.data.object.id == intent.id, event.data.object.status))
    facts.append(("detached", shop.v1.payment_methods.detach(method.id).customer))
    facts.append(("deleted", shop.v1.customers.delete(customer.id).deleted))
    return facts


def second_opinion(binary, packages):
    with Shop() as sink, udaan_gateway(binary, "--webhook", sink.url) as ours:
        mine = story(client(ours.url), sink)
    with Shop() as sink, localstripe(packages) as theirs:
        body = urllib.parse.urlencode({"url": sink.url, "secret": WEBHOOK_SECRET}).encode()
        urllib.request.urlopen(f"{theirs.url}/_config/webhooks/shop", body)
        other = story(client(theirs.url), sink)
    differing = [pair for pair in zip(mine, other) if pair[0] != pair[1]]
    assert not differing and len(mine) == len(other), f"ours, localstripe: {differing}"
    print(f"likeness: localstripe tells the same story in all {len(mine)} points")


def node_client(binary, packages):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "official_node.mjs")
    with udaan_gateway(binary) as gateway:
        subprocess.run(["node", script, gateway.url, packages], check=True, timeout=120)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--localstripe")
    parser.add_argument("--node")
    told = parser.parse_args()
    with udaan_gateway(told.binary) as gateway:
        for check in CHECKS:
            check(client(gateway.url), gateway.url)
            print(f"likeness: stripe {stripe.VERSION} (Python): {check.__name__.removeprefix('check_')}", flush=True)
    if told.localstripe:
        second_opinion(told.binary, told.localstripe)
    if told.node:
        node_client(told.binary, told.node)


if __name__ == "__main__":
    main()
