// The official Node client against our test gateway, which official_python.py starts and ends.
// Usage: node official_node.mjs GATEWAY_URL PACKAGES, where PACKAGES/node_modules has the client.

import assert from "node:assert/strict";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const [, , url, packages] = process.argv;
const Stripe = createRequire(path.join(path.resolve(packages), "package.json"))("stripe");
const { hostname, port, protocol } = new URL(url);
const shopWith = (more) =>
  new Stripe("sk_test_udaan", { host: hostname, port, protocol: protocol.slice(0, -1), maxNetworkRetries: 0, ...more });
const shop = shopWith({});

const pay = (more = {}, options = {}, by = shop) =>
  by.paymentIntents.create(
    { amount: 45900, currency: "usd", confirm: true, payment_method: "pm_card_visa", return_url: "https://shop.example/", ...more },
    options,
  );

async function refused(type, call) {
  try {
    await call();
  } catch (error) {
    assert.equal(error.type, type);
    return error;
  }
  assert.fail(`no ${type}`);
}

async function eventually(what, found) {
  const until = Date.now() + 10_000;
  for (;;) {
    const result = await found();
    if (result) return result;
    assert.ok(Date.now() < until, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const checks = {
  async payments() {
    const paid = await pay({ metadata: { payment: "pay_2" } });
    assert.equal(paid.status, "succeeded");
    const full = await shop.paymentIntents.retrieve(paid.id, { expand: ["latest_charge", "payment_method"] });
    assert.equal(full.latest_charge.payment_method_details.card.last4, "4242");
    assert.equal(full.payment_method.card.brand, "visa");
    const error = await refused("StripeCardError", () => pay({ payment_method: "pm_card_visa_chargeDeclined" }));
    assert.deepEqual([error.statusCode, error.code, error.decline_code], [402, "card_declined", "generic_decline"]);
    assert.equal(error.payment_intent.status, "requires_payment_method");
    await refused("StripeAuthenticationError", () => new Stripe("sk_no", { host: hostname, port, protocol: "http" }).refunds.list());
  },
  async keys() {
    const options = { idempotencyKey: "node-1" };
    const first = await pay({}, options);
    const again = await pay({}, options);
    assert.equal(again.id, first.id);
    assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
    await refused("StripeIdempotencyError", () => pay({ amount: 1 }, options));
  },
  async refunds() {
    const paid = await pay();
    const part = await shop.refunds.create({ payment_intent: paid.id, amount: 900 });
    assert.deepEqual([part.object, part.status, part.amount], ["refund", "succeeded", 900]);
    const error = await refused("StripeInvalidRequestError", () => shop.refunds.create({ payment_intent: paid.id, amount: 45001 }));
    assert.equal(error.param, "amount");
    const listed = [];
    for await (const refund of shop.refunds.list({ payment_intent: paid.id, limit: 1 })) listed.push(refund.id);
    assert.deepEqual(listed, [part.id]);
  },
  async saved() {
    const customer = await shop.customers.create({ email: "asha@example.com" });
    const setup = await shop.setupIntents.create({ customer: customer.id, payment_method: "pm_card_visa", confirm: true });
    assert.equal(setup.status, "succeeded");
    const paid = await pay({ customer: customer.id, payment_method: setup.payment_method, off_session: true });
    assert.equal(paid.status, "succeeded");
    const methods = await shop.customers.listPaymentMethods(customer.id, { type: "card" });
    assert.deepEqual(methods.data.map((method) => method.id), [setup.payment_method]);
    assert.equal((await shop.paymentMethods.detach(setup.payment_method)).customer, null);
    assert.equal((await shop.customers.del(customer.id)).deleted, true);
  },
  async asynchronous() {
    const debit = await pay({ payment_method: "pm_usBankAccount_success" });
    assert.equal(debit.status, "processing");
    await eventually("the debit", async () => (await shop.paymentIntents.retrieve(debit.id)).status === "succeeded");
    const upi = await pay({ payment_method: "pm_upi" });
    assert.equal(upi.next_action.type, "upi_handle_redirect_or_display_qr_code");
    const page = upi.next_action.upi_handle_redirect_or_display_qr_code.hosted_instructions_url;
    await fetch(`${page}/approve`, { method: "POST", redirect: "manual" });
    assert.equal((await shop.paymentIntents.retrieve(upi.id)).status, "succeeded");
  },
  async webhooks() {
    const taken = [];
    const sink = http.createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        taken.push([Buffer.concat(parts), request.headers["stripe-signature"]]);
        response.end();
      });
    });
    await new Promise((resolve) => sink.listen(0, "127.0.0.1", resolve));
    try {
      const hook = `http://127.0.0.1:${sink.address().port}/`;
      const endpoint = await shop.webhookEndpoints.create({ url: hook, enabled_events: ["payment_intent.succeeded"] });
      const paid = await pay();
      const [body, signature] = await eventually("the webhook", () => taken[0]);
      const event = shop.webhooks.constructEvent(body, signature, endpoint.secret);
      assert.deepEqual([event.type, event.data.object.id], ["payment_intent.succeeded", paid.id]);
      assert.throws(() => shop.webhooks.constructEvent(body, signature, "whsec_other"));
      assert.equal((await shop.webhookEndpoints.del(endpoint.id)).deleted, true);
    } finally {
      sink.closeAllConnections();
      sink.close();
    }
  },
};

for (const [name, check] of Object.entries(checks)) {
  await check();
  console.log(`likeness: stripe ${Stripe.PACKAGE_VERSION} (Node): ${name}`);
}
