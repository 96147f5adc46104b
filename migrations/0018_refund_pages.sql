-- Staff's pages of refunds: the few of a state are found without walking past all the others.
CREATE INDEX refunds_pending ON refunds (id) WHERE status = 'pending';
CREATE INDEX refunds_replaced ON refunds (id) WHERE replaced_by IS NOT NULL;
