-- 100,000 published listings of 1,000 organizations, the same each time; what every peer is asked for.
INSERT INTO partners_organization
    (id, version, name, name_terms, kind, division_code, unit_id, verification, employee_count, created_at)
SELECT
    md5('organization ' || n)::uuid,
    1,
    '示例公司' || n,
    '{}',
    (ARRAY['PRIVATE', 'STATE_OWNED', 'SOCIAL'])[1 + n % 3],
    d.codes[1 + n % cardinality(d.codes)],
    (SELECT id FROM accounts_unit ORDER BY id LIMIT 1),
    'VERIFIED',
    400 + n,
    timestamptz '2026-01-01' + n * interval '1 minute'
FROM generate_series(1, 1000) AS n,
    (SELECT array_agg(id ORDER BY id) AS codes FROM core_division WHERE parent_code IS NOT NULL) AS d;

INSERT INTO internship_listing
    (id, organization_id, external_ref, title, kind, track, description, requirements, division_code, headcount,
     stipend_min_fen, stipend_max_fen, stipend_per, stipend_month_fen, education, education_rank, majors, skills,
     days_per_week, duration_weeks, housing_provided, starts_on, status, published_at, created_at, updated_at,
     content_hash, search_terms)
SELECT
    md5('listing ' || n)::uuid,
    md5('organization ' || 1 + n % 1000)::uuid,
    'bench-' || n,
    (ARRAY['前端开发实习生', '财务助理', '新媒体运营', '机械设计见习生', '数据分析实习生'])[1 + n % 5] || n,
    (ARRAY['INTERNSHIP', 'APPRENTICESHIP'])[1 + n % 2],
    'GENERAL',
    '工作内容：整理资料，协助同事完成日常工作；参与项目的讨论与记录。第' || n || '号。',
    '每周到岗三天以上，能连续实习八周。',
    d.codes[1 + n % cardinality(d.codes)],
    1 + n % 5,
    10000 + n % 100 * 100,
    14000 + n % 100 * 100,
    'DAY',
    217500 + n % 100 * 2175,
    'BACHELOR',
    2,
    ARRAY['计算机'],
    ARRAY['Python', 'SQL', '沟通'],
    3 + n % 3,
    8 + n % 12,
    n % 4 = 0,
    date '2027-01-01' + n % 60,
    'PUBLISHED',
    timestamptz '2026-03-01' + n * interval '1 second',
    timestamptz '2026-03-01' + n * interval '1 second',
    timestamptz '2026-03-01' + n * interval '1 second',
    ''::bytea,
    ''::tsvector
FROM generate_series(1, 100000) AS n,
    (SELECT array_agg(id ORDER BY id) AS codes FROM core_division WHERE parent_code IS NOT NULL) AS d;

ANALYZE internship_listing, partners_organization, core_division;

-- What PostGraphile shows as a list: the planner sees through it, so that it costs what the same words cost in a statement.
CREATE SCHEMA bench;
CREATE FUNCTION bench.shown() RETURNS SETOF internship_listing LANGUAGE sql STABLE AS $$
    SELECT * FROM internship_listing WHERE status = 'PUBLISHED' AND open_until >= CURRENT_DATE
    ORDER BY published_at DESC, id DESC
$$;
