-- What processes tell one another of the lines to the registries. Instants only grow; 0 is never.

CREATE TABLE lines (
    name text COLLATE "C" NOT NULL CONSTRAINT lines_id PRIMARY KEY,
    opened_at bigint NOT NULL,
    closed_at bigint NOT NULL,
    probed_at bigint NOT NULL
);
