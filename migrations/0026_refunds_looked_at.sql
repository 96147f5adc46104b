-- Refunds that had succeeded before they were looked at again: the month in which they may come back is not over. One without an id
-- of its own at the gateway cannot be asked about.
UPDATE refunds SET next_try_at = settled_at + interval '31 days'
WHERE status = 'succeeded' AND method = 'gateway' AND next_try_at IS NULL AND bounced_at IS NULL
  AND gateway_id IS NOT NULL AND gateway_id <> 'charge_already_refunded' AND settled_at > now() - interval '31 days';
