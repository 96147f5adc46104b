-- The passport of a person an account books for, sealed under the account's key. A column of its own: servers of the release before, which
-- write names anew while this one is rolled out, leave it as it is.
ALTER TABLE saved_travellers ADD COLUMN document_sealed bytea;
