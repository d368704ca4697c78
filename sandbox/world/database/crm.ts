import type pg from 'pg';

/** How many rows each table of the generated CRM has. */
export interface RowCounts {
  accounts: number;
  contacts: number;
  opportunities: number;
  activities: number;
  attachments: number;
}

/** 100,000 in all. */
export const ROWS: RowCounts = {
  accounts: 4_000,
  contacts: 16_000,
  opportunities: 12_000,
  activities: 64_000,
  attachments: 4_000,
};

/** The same CRM with 100 rows in all: for runs whose question is not what a database holds. */
export const FEW_ROWS: RowCounts = {
  accounts: 4,
  contacts: 16,
  opportunities: 12,
  activities: 64,
  attachments: 4,
};

/**
 * A CRM with the same rows every time: every value is computed from its row's number, none from a clock or a random generator.
 * Types, names and texts are those of a CRM that is used in Chinese and English.
 */
const crmSql = (rows: RowCounts): string => `
CREATE TYPE stage AS ENUM ('prospect', 'qualified', 'proposal', 'won', 'lost');
CREATE DOMAIN mail_address AS text CHECK (VALUE LIKE '%@%');

CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  name_zh text,
  city text NOT NULL,
  credit_limit numeric(14, 2) NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  settings jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL
);
CREATE TABLE contacts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts,
  full_name text NOT NULL,
  mail mail_address,
  phone text,
  newsletter boolean NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE opportunities (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts,
  title text NOT NULL,
  stage stage NOT NULL,
  amount numeric(14, 2) NOT NULL,
  probability real NOT NULL,
  closes_on date,
  expected numeric(14, 2) GENERATED ALWAYS AS (round(amount * 0.4, 2)) STORED
);
CREATE TABLE activities (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contact_id bigint REFERENCES contacts,
  kind text NOT NULL,
  note text,
  at timestamptz NOT NULL,
  took interval
);
CREATE TABLE attachments (
  id uuid PRIMARY KEY,
  opportunity_id bigint NOT NULL REFERENCES opportunities,
  file_name text NOT NULL,
  content bytea NOT NULL
);

INSERT INTO accounts (name, name_zh, city, credit_limit, tags, settings, created_at)
SELECT (ARRAY['Sunrise', 'Blue River', 'Northern', 'Golden Bridge', 'Evergreen'])[1 + n % 5] || ' ' ||
         (ARRAY['Trading', 'Logistics', 'Electronics', 'Textiles', 'Foods', 'Medical', 'Machinery'])[1 + n % 7] || ' ' || n,
       (ARRAY['旭日', '蓝河', '北方', '金桥', '常青'])[1 + n % 5] || (ARRAY['贸易', '物流', '电子', '纺织', '食品', '医疗', '机械'])[1 + n % 7] || '有限公司' || n,
       (ARRAY['上海', '北京', '深圳', '杭州', 'Singapore', 'Hamburg'])[1 + n % 6],
       (n::bigint * 7919 % 1000000)::numeric / 4,
       ARRAY['tier-' || n % 4, (ARRAY['出口', '内销'])[1 + n % 2]],
       jsonb_build_object('language', (ARRAY['zh-CN', 'en'])[1 + n % 2], 'discount', n % 30, 'vip', n % 17 = 0),
       timestamptz '2019-01-01 00:00:00+08' + n * interval '13 hours'
  FROM generate_series(1, ${rows.accounts}) AS n;

INSERT INTO contacts (account_id, full_name, mail, phone, newsletter, created_at)
SELECT 1 + n * 31 % ${rows.accounts},
       (ARRAY['王', '李', '张', '刘', '陈', '杨'])[1 + n % 6] || (ARRAY['伟', '芳', '娜', '敏', '静', '磊', '洋'])[1 + n % 7] || ' ' || n,
       CASE WHEN n % 9 <> 0 THEN 'contact' || n || '@example.com' END,
       '+86 10 ' || lpad((n::bigint * 104729 % 100000000)::text, 8, '0'),
       n % 3 = 0,
       timestamptz '2020-03-01 09:00:00+08' + n * interval '97 minutes'
  FROM generate_series(1, ${rows.contacts}) AS n;

INSERT INTO opportunities (account_id, title, stage, amount, probability, closes_on)
SELECT 1 + n * 17 % ${rows.accounts},
       (ARRAY['年度合同', 'Renewal', '新产品线', 'Service contract'])[1 + n % 4] || ' #' || n,
       (ARRAY['prospect', 'qualified', 'proposal', 'won', 'lost'])[1 + n % 5]::stage,
       (n::bigint * 15485863 % 90000000)::numeric / 100,
       (n % 101)::real / 100,
       CASE WHEN n % 11 <> 0 THEN date '2024-01-01' + n % 900 END
  FROM generate_series(1, ${rows.opportunities}) AS n;

INSERT INTO activities (contact_id, kind, note, at, took)
SELECT CASE WHEN n % 23 <> 0 THEN 1 + n * 13 % ${rows.contacts} END,
       (ARRAY['call', 'mail', 'meeting', '拜访'])[1 + n % 4],
       CASE WHEN n % 5 <> 0 THEN '第' || n || '次联系：' || md5(n::text) END,
       timestamptz '2021-06-01 08:30:00+08' + n * interval '31 minutes',
       n % 120 * interval '1 minute'
  FROM generate_series(1, ${rows.activities}) AS n;

INSERT INTO attachments (id, opportunity_id, file_name, content)
SELECT md5('attachment ' || n)::uuid, 1 + n * 3 % ${rows.opportunities}, '报价单 ' || n || '.pdf', decode(repeat(md5(n::text), 1 + n % 20), 'hex')
  FROM generate_series(1, ${rows.attachments}) AS n;

CREATE INDEX contacts_account ON contacts (account_id);
CREATE INDEX opportunities_open ON opportunities (account_id, closes_on) WHERE stage NOT IN ('won', 'lost');
CREATE INDEX activities_contact ON activities (contact_id, at DESC);
CREATE UNIQUE INDEX contacts_mail ON contacts (lower(mail)) WHERE mail IS NOT NULL;
CREATE VIEW pipeline AS SELECT a.city, o.stage, count(*) AS opportunities, sum(o.expected) AS expected FROM opportunities o JOIN accounts a ON a.id = o.account_id GROUP BY 1, 2;
CREATE SEQUENCE invoice_number START 1000 INCREMENT 7;
SELECT setval('invoice_number', 71001);
CREATE FUNCTION touch_account() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.settings := NEW.settings || '{"touched": true}'; RETURN NEW; END $$;
CREATE TRIGGER accounts_touch BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION touch_account();
ANALYZE;
`;

/** Loads the generated CRM into an empty database. */
export async function loadCrm(client: pg.Client, rows = ROWS): Promise<void> {
  await client.query(crmSql(rows));
}
