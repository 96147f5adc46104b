-- A great refund is settled outside the gateway by two people: one says how it was paid, another one looks and approves. What the first
-- said waits in the row. Columns are only added, so that servers of the version before go on; one of those cannot settle such a refund
-- past the second person, because what was said would stay behind.
ALTER TABLE refunds
    ADD COLUMN proposed_method text CHECK (proposed_method IN ('bank_transfer', 'cheque', 'cash', 'other')),
    ADD COLUMN proposed_reference text CHECK (char_length(proposed_reference) BETWEEN 1 AND 100),
    ADD COLUMN proposed_note text CHECK (char_length(proposed_note) BETWEEN 1 AND 500),
    ADD COLUMN proposed_by uuid,
    ADD COLUMN proposed_at timestamptz,
    ADD CONSTRAINT refunds_proposed_when CHECK (
        CASE WHEN status = 'failed' AND replaced_by IS NULL
            THEN num_nonnulls(proposed_method, proposed_reference, proposed_note, proposed_by, proposed_at) IN (0, 5)
            ELSE num_nonnulls(proposed_method, proposed_reference, proposed_note, proposed_by, proposed_at) = 0 END);
