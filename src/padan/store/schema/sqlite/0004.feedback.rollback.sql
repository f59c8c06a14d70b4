UPDATE contents SET packed = zeroblob(length(packed)) WHERE seq IN (SELECT contents FROM feedback);

DROP TABLE feedback;

PRAGMA user_version = 3;
