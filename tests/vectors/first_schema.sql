-- A database as the first release wrote it (migration 0001), with somebody and a channel in it.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE channels (
    channel INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(64) NOT NULL,
    name_key VARCHAR(192) NOT NULL,
    talk_limit FLOAT NOT NULL,
    queue_size INTEGER NOT NULL,
    profile VARCHAR(16) NOT NULL,
    strict BOOLEAN NOT NULL,
    open_to INTEGER NOT NULL,
    UNIQUE (name_key)
);
INSERT INTO channels VALUES (7, 'Goods in', 'goods in', 30.0, 4, 'interop', 1, 1);
CREATE TABLE people (
    person INTEGER NOT NULL,
    name VARCHAR(64) NOT NULL,
    name_key VARCHAR(192) NOT NULL,
    role INTEGER NOT NULL,
    PRIMARY KEY (person),
    UNIQUE (name_key)
);
INSERT INTO people VALUES (3, 'Anna', 'anna', 4);
CREATE TABLE devices (
    device VARCHAR(32) NOT NULL,
    person INTEGER NOT NULL,
    name VARCHAR(64) NOT NULL,
    secret_hash BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    PRIMARY KEY (device),
    FOREIGN KEY(person) REFERENCES people (person) ON DELETE CASCADE
);
INSERT INTO devices VALUES (
    'd1', 3, 'laptop', X'0101010101010101010101010101010101010101010101010101010101010101', 50
);
CREATE TABLE invites (
    token_hash BLOB NOT NULL,
    person INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (token_hash),
    FOREIGN KEY(person) REFERENCES people (person) ON DELETE CASCADE
);
CREATE TABLE notes (
    "key" VARCHAR(64) NOT NULL,
    value VARCHAR(256) NOT NULL,
    PRIMARY KEY ("key")
);
CREATE TABLE revision (number INTEGER NOT NULL);
INSERT INTO revision VALUES (12);
CREATE TABLE roles (
    channel INTEGER NOT NULL,
    person INTEGER NOT NULL,
    role INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    PRIMARY KEY (channel, person),
    FOREIGN KEY(channel) REFERENCES channels (channel) ON DELETE CASCADE,
    FOREIGN KEY(person) REFERENCES people (person) ON DELETE CASCADE
);
INSERT INTO roles VALUES (7, 3, 3, 2);
CREATE INDEX ix_devices_person ON devices (person);
CREATE INDEX ix_invites_person ON invites (person);
