BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	role VARCHAR(10) NOT NULL, 
	password_hash TEXT, 
	created_at DOUBLE NOT NULL, 
	disabled_at DOUBLE, 
	CONSTRAINT pk_accounts PRIMARY KEY (id), 
	CONSTRAINT ck_accounts_role CHECK (role in ('rater', 'owner', 'admin')), 
	CONSTRAINT uq_accounts_name UNIQUE (name)
);
INSERT INTO "accounts" VALUES(1,'Ada','owner',NULL,1795000000.0,NULL);
INSERT INTO "accounts" VALUES(2,'Ben','rater','scrypt:32768:8:1$salt$00',1795000001.0,NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE images (
	content_hash VARCHAR(64) NOT NULL, 
	plane VARCHAR(1) NOT NULL, 
	pixels INTEGER NOT NULL, 
	rows INTEGER NOT NULL, 
	wires INTEGER NOT NULL, 
	file TEXT NOT NULL, 
	entry INTEGER NOT NULL, 
	run BIGINT NOT NULL, 
	subrun BIGINT NOT NULL, 
	event BIGINT NOT NULL, 
	source VARCHAR(10) NOT NULL, 
	CONSTRAINT pk_images PRIMARY KEY (content_hash)
);
INSERT INTO "images" VALUES('a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1','Y',40,1008,3456,'old.h5',3,6180,12,250,'data');
CREATE TABLE label_actions (
	seq INTEGER NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	task_id INTEGER NOT NULL, 
	author_id INTEGER NOT NULL, 
	plane VARCHAR(5) NOT NULL, 
	image_hash VARCHAR(64) NOT NULL, 
	tool VARCHAR(20) NOT NULL, 
	payload JSON NOT NULL, 
	client_time DOUBLE NOT NULL, 
	server_time DOUBLE NOT NULL, 
	prediction_key VARCHAR(64), 
	prediction_weights VARCHAR(64), 
	app_version VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_label_actions PRIMARY KEY (seq), 
	CONSTRAINT fk_label_actions_author_id FOREIGN KEY(author_id) REFERENCES accounts (id), 
	CONSTRAINT fk_label_actions_image_hash FOREIGN KEY(image_hash) REFERENCES images (content_hash), 
	CONSTRAINT fk_label_actions_task_id FOREIGN KEY(task_id) REFERENCES tasks (id), 
	CONSTRAINT uq_label_actions_id UNIQUE (id)
);
INSERT INTO "label_actions" VALUES(1,'00000000-0000-0000-0000-000000000001',1,2,'Y','a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1','brush','{"class": 4, "pixels": "AAo="}',1795000010.0,1795000010.5,NULL,NULL,'0.1.0');
INSERT INTO "label_actions" VALUES(2,'00000000-0000-0000-0000-000000000002',1,2,'Y','a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1','erase','{"pixels": "AAE="}',1795000011.0,1795000011.5,NULL,NULL,'0.1.0');
INSERT INTO "label_actions" VALUES(3,'00000000-0000-0000-0000-000000000003',1,2,'Y','a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1','undo','{"action": "00000000-0000-0000-0000-000000000002"}',1795000012.0,1795000012.5,NULL,NULL,'0.1.0');
CREATE TABLE login_failures (
	id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	address VARCHAR(80) NOT NULL, 
	failed_at DOUBLE NOT NULL, 
	CONSTRAINT pk_login_failures PRIMARY KEY (id)
);
CREATE TABLE login_sessions (
	token_hash VARCHAR(64) NOT NULL, 
	account_id INTEGER NOT NULL, 
	created_at DOUBLE NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	CONSTRAINT pk_login_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT fk_login_sessions_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE TABLE studies (
	id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	owner_id INTEGER NOT NULL, 
	definition JSON NOT NULL, 
	definition_hash VARCHAR(64), 
	created_at DOUBLE NOT NULL, 
	frozen_at DOUBLE, 
	closed_at DOUBLE, 
	CONSTRAINT pk_studies PRIMARY KEY (id), 
	CONSTRAINT fk_studies_owner_id FOREIGN KEY(owner_id) REFERENCES accounts (id), 
	CONSTRAINT uq_studies_name UNIQUE (name)
);
INSERT INTO "studies" VALUES(1,'old',1,'{"title": "Old", "question": "michel_pixels", "images": [{"content_hash": "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "stratum": "data", "window": null, "gold": false, "predictions": {}}], "raters": ["Ben"], "weights": [], "instructions": "", "labels_per_image": null, "repeats": 0, "repeat_gap": 10, "margin": 0.02, "hide_event_numbers": true, "show_answer": false, "seed": 0, "selection": {}}','fdc569a7ac048d6aec7a07a39451efc83f77228a64ddce9d30cabf5e87517251',1795000002.0,1795000003.0,NULL);
CREATE TABLE study_images (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	image_hash VARCHAR(64) NOT NULL, 
	window JSON, 
	stratum VARCHAR(80) NOT NULL, 
	gold BOOLEAN NOT NULL, 
	predictions JSON NOT NULL, 
	CONSTRAINT pk_study_images PRIMARY KEY (id), 
	CONSTRAINT fk_study_images_image_hash FOREIGN KEY(image_hash) REFERENCES images (content_hash), 
	CONSTRAINT fk_study_images_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT uq_study_images_position UNIQUE (study_id, position)
);
INSERT INTO "study_images" VALUES(1,1,0,'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1',NULL,'data',0,'{}');
CREATE TABLE submissions (
	id VARCHAR(36) NOT NULL, 
	task_id INTEGER NOT NULL, 
	author_id INTEGER NOT NULL, 
	last_seq BIGINT NOT NULL, 
	verdict JSON NOT NULL, 
	seconds DOUBLE, 
	client_time DOUBLE NOT NULL, 
	server_time DOUBLE NOT NULL, 
	app_version VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_submissions PRIMARY KEY (id), 
	CONSTRAINT fk_submissions_author_id FOREIGN KEY(author_id) REFERENCES accounts (id), 
	CONSTRAINT fk_submissions_task_id FOREIGN KEY(task_id) REFERENCES tasks (id), 
	CONSTRAINT uq_submissions_task_id UNIQUE (task_id)
);
INSERT INTO "submissions" VALUES('00000000-0000-0000-0000-000000000009',1,2,3,'{"verdict": null, "michel": "present", "comment": ""}',30.0,1795000019.0,1795000020.0,'0.1.0');
CREATE TABLE tasks (
	id INTEGER NOT NULL, 
	token VARCHAR(32) NOT NULL, 
	rater_id INTEGER NOT NULL, 
	study_id INTEGER, 
	study_image_id INTEGER, 
	position INTEGER, 
	repeat BOOLEAN NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	images JSON NOT NULL, 
	images_key VARCHAR(64) NOT NULL, 
	created_at DOUBLE NOT NULL, 
	changed_at DOUBLE NOT NULL, 
	CONSTRAINT pk_tasks PRIMARY KEY (id), 
	CONSTRAINT ck_tasks_state CHECK (state in ('waiting', 'started', 'skipped', 'submitted')), 
	CONSTRAINT fk_tasks_rater_id FOREIGN KEY(rater_id) REFERENCES accounts (id), 
	CONSTRAINT fk_tasks_study_id FOREIGN KEY(study_id) REFERENCES studies (id), 
	CONSTRAINT fk_tasks_study_image_id FOREIGN KEY(study_image_id) REFERENCES study_images (id), 
	CONSTRAINT uq_tasks_position UNIQUE (study_id, rater_id, position), 
	CONSTRAINT uq_tasks_token UNIQUE (token)
);
INSERT INTO "tasks" VALUES(1,'0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f',2,1,1,0,0,'submitted','{"Y": "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"}','3490f80401886d12f3861ec190f5c16419b26345497a92bc4530e22f5d8b4295',1795000003.0,1795000020.0);
CREATE INDEX ix_login_failures_address ON login_failures (address);
CREATE INDEX ix_login_failures_failed_at ON login_failures (failed_at);
CREATE INDEX ix_login_failures_name ON login_failures (name);
CREATE INDEX ix_login_sessions_account_id ON login_sessions (account_id);
CREATE INDEX ix_login_sessions_expires_at ON login_sessions (expires_at);
CREATE INDEX ix_tasks_rater_id_images_key ON tasks (rater_id, images_key);
CREATE INDEX ix_label_actions_task_id_seq ON label_actions (task_id, seq);
CREATE TRIGGER images_no_update BEFORE UPDATE ON images BEGIN SELECT RAISE(ABORT, 'images is append-only'); END;
CREATE TRIGGER images_no_delete BEFORE DELETE ON images BEGIN SELECT RAISE(ABORT, 'images is append-only'); END;
CREATE TRIGGER images_no_replace BEFORE INSERT ON images WHEN EXISTS (SELECT 1 FROM images WHERE content_hash = NEW.content_hash) BEGIN SELECT RAISE(ABORT, 'UNIQUE: images is append-only'); END;
CREATE TRIGGER label_actions_no_update BEFORE UPDATE ON label_actions BEGIN SELECT RAISE(ABORT, 'label_actions is append-only'); END;
CREATE TRIGGER label_actions_no_delete BEFORE DELETE ON label_actions BEGIN SELECT RAISE(ABORT, 'label_actions is append-only'); END;
CREATE TRIGGER label_actions_no_replace BEFORE INSERT ON label_actions WHEN EXISTS (SELECT 1 FROM label_actions WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'UNIQUE: label_actions is append-only'); END;
CREATE TRIGGER submissions_no_update BEFORE UPDATE ON submissions BEGIN SELECT RAISE(ABORT, 'submissions is append-only'); END;
CREATE TRIGGER submissions_no_delete BEFORE DELETE ON submissions BEGIN SELECT RAISE(ABORT, 'submissions is append-only'); END;
CREATE TRIGGER submissions_no_replace BEFORE INSERT ON submissions WHEN EXISTS (SELECT 1 FROM submissions WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'UNIQUE: submissions is append-only'); END;
CREATE TRIGGER studies_frozen_update BEFORE UPDATE ON studies WHEN OLD.frozen_at IS NOT NULL AND (NEW.name IS NOT OLD.name OR NEW.owner_id IS NOT OLD.owner_id OR NEW.definition IS NOT OLD.definition OR NEW.definition_hash IS NOT OLD.definition_hash OR NEW.created_at IS NOT OLD.created_at OR NEW.frozen_at IS NOT OLD.frozen_at) BEGIN SELECT RAISE(ABORT, 'the study is frozen'); END;
CREATE TRIGGER studies_frozen_delete BEFORE DELETE ON studies WHEN OLD.frozen_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'the study is frozen'); END;
CREATE TRIGGER study_images_frozen_insert BEFORE INSERT ON study_images WHEN (SELECT frozen_at FROM studies WHERE id = NEW.study_id) IS NOT NULL BEGIN SELECT RAISE(ABORT, 'the study is frozen'); END;
CREATE TRIGGER study_images_frozen_update BEFORE UPDATE ON study_images WHEN (SELECT frozen_at FROM studies WHERE id = OLD.study_id) IS NOT NULL BEGIN SELECT RAISE(ABORT, 'the study is frozen'); END;
CREATE TRIGGER study_images_frozen_delete BEFORE DELETE ON study_images WHEN (SELECT frozen_at FROM studies WHERE id = OLD.study_id) IS NOT NULL BEGIN SELECT RAISE(ABORT, 'the study is frozen'); END;
COMMIT;
