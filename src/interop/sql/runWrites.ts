/**
 * What a write of a run does in SQLite, as a trigger on a view: a query of SQLite writes to one table, and a transaction
 * of several queries costs twice as much. A row of the view is an entry, an end, both, or neither, which renews the lease.
 */
import { isKept, sqlite } from "./Dialect.js"

const { now } = sqlite

const view = `CREATE VIEW llm_run_writes AS
  SELECT '' AS run, 0 AS epoch, 0 AS sequence, '' AS body, '' AS ending, 0 AS lease, 0 AS retention`

// A query returns no row that is ignored. The end has an update of its own, as its columns are in indexes.
const trigger = `CREATE TRIGGER llm_run_write INSTEAD OF INSERT ON llm_run_writes BEGIN
  UPDATE llm_runs SET last_sequence = MAX(last_sequence, NEW.sequence), lease_until = ${now} + NEW.lease,
    retention = NEW.retention
    WHERE id = NEW.run AND epoch = NEW.epoch AND ending IS NULL AND ${isKept(sqlite)}
      AND last_sequence >= NEW.sequence - (NEW.body IS NOT NULL);
  SELECT RAISE(IGNORE) WHERE changes() = 0;
  INSERT INTO llm_run_entries (run, sequence, body) SELECT NEW.run, NEW.sequence, NEW.body
    WHERE NEW.body IS NOT NULL ON CONFLICT DO NOTHING;
  UPDATE llm_runs SET ending = NEW.ending, kept_until = ${now} + NEW.retention
    WHERE id = NEW.run AND NEW.ending IS NOT NULL;
END`

/** The statements that make the view. */
export const runWrites: ReadonlyArray<string> = [view, trigger]
