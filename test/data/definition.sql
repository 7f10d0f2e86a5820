-- Everything that belongs to the extension that the variable extension names, with its definition, so that an updated one can be
-- compared with a new one.
SET search_path = '';
CREATE TEMP TABLE member AS
SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
WHERE e.extname = :'extension' AND d.deptype = 'e';
SELECT pg_describe_object(m.classid, m.objid, 0), obj_description(m.objid, m.classid::regclass::name),
       CASE WHEN p.prokind IN ('f', 'p', 'w') THEN pg_get_functiondef(p.oid) END, p.proacl,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, c.relacl, c.reloptions
FROM member m
LEFT JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
LEFT JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid ORDER BY 1;
SELECT c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, pg_get_expr(e.adbin, e.adrelid),
       col_description(c.oid, a.attnum)
FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_attrdef e ON e.adrelid = c.oid AND e.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid::regclass::text, a.attname;
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid IN (SELECT objid FROM member WHERE classid = 'pg_class'::regclass) ORDER BY conrelid::regclass::text, conname;
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
WHERE t.tgrelid IN (SELECT objid FROM member WHERE classid = 'pg_class'::regclass) AND NOT t.tgisinternal ORDER BY 1;
SELECT x.table, x.filter FROM pg_extension, unnest(extconfig::regclass[]::text[], extcondition) x ("table", filter)
WHERE extname = :'extension' ORDER BY 1;
