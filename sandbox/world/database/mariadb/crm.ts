import type mysql from 'mysql2/promise';
import { ROWS, type RowCounts } from '../crm.ts';

/** `seq_1_to_100` is a table of MariaDB's Sequence engine: one row a number. */
const numbers = (last: number): string => `FROM seq_1_to_${last} AS s`;

/**
 * A CRM with the same rows every time: every value is computed from its row's number, none from a clock or a random generator.
 * Nothing in it is MariaDB's alone, but for the way the rows are made: MySQL has the same types, views, triggers and routines.
 */
const TABLES_SQL = `
CREATE TABLE accounts (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(120) NOT NULL,
  name_zh varchar(120),
  city varchar(60) NOT NULL,
  credit_limit decimal(14, 2) NOT NULL,
  tags set('tier-0', 'tier-1', 'tier-2', 'tier-3', '出口', '内销') NOT NULL DEFAULT '',
  settings json NOT NULL,
  created_at datetime(6) NOT NULL
);
CREATE TABLE contacts (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account_id bigint unsigned NOT NULL,
  full_name varchar(120) NOT NULL,
  mail varchar(190),
  phone varchar(40),
  newsletter bit(1) NOT NULL,
  created_at timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  UNIQUE KEY contacts_mail (mail),
  CONSTRAINT contacts_account FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE TABLE opportunities (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account_id bigint unsigned NOT NULL,
  title varchar(200) NOT NULL,
  stage enum('prospect', 'qualified', 'proposal', 'won', 'lost') NOT NULL,
  amount decimal(14, 2) NOT NULL,
  probability float NOT NULL,
  closes_on date,
  expected decimal(14, 2) AS (round(amount * 0.4, 2)) STORED,
  KEY opportunities_open (account_id, closes_on),
  CONSTRAINT opportunities_account FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE TABLE activities (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  contact_id bigint unsigned,
  kind varchar(20) NOT NULL,
  note text,
  at datetime NOT NULL,
  took time,
  KEY activities_contact (contact_id, at),
  CONSTRAINT activities_contact FOREIGN KEY (contact_id) REFERENCES contacts (id)
);
CREATE TABLE attachments (
  id binary(16) NOT NULL PRIMARY KEY,
  opportunity_id bigint unsigned NOT NULL,
  file_name varchar(200) NOT NULL,
  content mediumblob NOT NULL,
  CONSTRAINT attachments_opportunity FOREIGN KEY (opportunity_id) REFERENCES opportunities (id)
);
`;

const rowsSql = (rows: RowCounts): string => `
INSERT INTO accounts (name, name_zh, city, credit_limit, tags, settings, created_at)
SELECT CONCAT(ELT(1 + seq % 5, 'Sunrise', 'Blue River', 'Northern', 'Golden Bridge', 'Evergreen'), ' ',
              ELT(1 + seq % 7, 'Trading', 'Logistics', 'Electronics', 'Textiles', 'Foods', 'Medical', 'Machinery'), ' ', seq),
       CONCAT(ELT(1 + seq % 5, '旭日', '蓝河', '北方', '金桥', '常青'), ELT(1 + seq % 7, '贸易', '物流', '电子', '纺织', '食品', '医疗', '机械'), '有限公司', seq),
       ELT(1 + seq % 6, '上海', '北京', '深圳', '杭州', 'Singapore', 'Hamburg'),
       (seq * 7919 % 1000000) / 4,
       CONCAT('tier-', seq % 4, ',', ELT(1 + seq % 2, '出口', '内销')),
       JSON_OBJECT('language', ELT(1 + seq % 2, 'zh-CN', 'en'), 'discount', seq % 30, 'vip', seq % 17 = 0),
       TIMESTAMPADD(HOUR, seq * 13, '2019-01-01 00:00:00')
  ${numbers(rows.accounts)};

INSERT INTO contacts (account_id, full_name, mail, phone, newsletter, created_at)
SELECT 1 + seq * 31 % ${rows.accounts},
       CONCAT(ELT(1 + seq % 6, '王', '李', '张', '刘', '陈', '杨'), ELT(1 + seq % 7, '伟', '芳', '娜', '敏', '静', '磊', '洋'), ' ', seq),
       IF(seq % 9 <> 0, CONCAT('contact', seq, '@example.com'), NULL),
       CONCAT('+86 10 ', LPAD(seq * 104729 % 100000000, 8, '0')),
       seq % 3 = 0,
       TIMESTAMPADD(MINUTE, seq * 97, '2020-03-01 09:00:00')
  ${numbers(rows.contacts)};

INSERT INTO opportunities (account_id, title, stage, amount, probability, closes_on)
SELECT 1 + seq * 17 % ${rows.accounts},
       CONCAT(ELT(1 + seq % 4, '年度合同', 'Renewal', '新产品线', 'Service contract'), ' #', seq),
       1 + seq % 5,
       (seq * 15485863 % 90000000) / 100,
       (seq % 101) / 100,
       IF(seq % 11 <> 0, '2024-01-01' + INTERVAL seq % 900 DAY, NULL)
  ${numbers(rows.opportunities)};

INSERT INTO activities (contact_id, kind, note, at, took)
SELECT IF(seq % 23 <> 0, 1 + seq * 13 % ${rows.contacts}, NULL),
       ELT(1 + seq % 4, 'call', 'mail', 'meeting', '拜访'),
       IF(seq % 5 <> 0, CONCAT('第', seq, '次联系：', MD5(seq)), NULL),
       TIMESTAMPADD(MINUTE, seq * 31, '2021-06-01 08:30:00'),
       SEC_TO_TIME(seq % 120 * 60)
  ${numbers(rows.activities)};

INSERT INTO attachments (id, opportunity_id, file_name, content)
SELECT UNHEX(MD5(CONCAT('attachment ', seq))), 1 + seq * 3 % ${rows.opportunities}, CONCAT('报价单 ', seq, '.pdf'), UNHEX(REPEAT(MD5(seq), 1 + seq % 20))
  ${numbers(rows.attachments)};
`;

const CODE_SQL = `
CREATE VIEW pipeline AS SELECT a.city, o.stage, COUNT(*) AS opportunities, SUM(o.expected) AS expected FROM opportunities o JOIN accounts a ON a.id = o.account_id GROUP BY a.city, o.stage;
CREATE TRIGGER accounts_touch BEFORE UPDATE ON accounts FOR EACH ROW SET NEW.settings = JSON_SET(NEW.settings, '$.touched', TRUE);
CREATE FUNCTION discount_of(account bigint unsigned) RETURNS int READS SQL DATA RETURN (SELECT JSON_VALUE(settings, '$.discount') FROM accounts WHERE id = account);
CREATE PROCEDURE close_lost() MODIFIES SQL DATA UPDATE opportunities SET closes_on = NULL WHERE stage = 'lost';
CREATE EVENT forget_activities ON SCHEDULE EVERY 1 WEEK DISABLE DO DELETE FROM activities WHERE at < '2000-01-01';
ANALYZE TABLE accounts, contacts, opportunities, activities, attachments;
`;

/** Loads the generated CRM into an empty database. */
export async function loadCrm(connection: mysql.Connection, rows = ROWS): Promise<void> {
  for (const statements of [TABLES_SQL, rowsSql(rows), CODE_SQL]) await connection.query(statements);
}
