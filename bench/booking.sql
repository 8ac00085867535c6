-- The statements of one booking, as the domain sends them (`domain.hostels.booking`), for pgbench. Of Python's part the choice
-- of the bed is left out: any free bed is taken. :hostels says over how many hostels the bookings go.
\set who random(1, :guests)
\set where random(1, :hostels)
\set night random(1, 80)
SELECT id AS guest FROM bench_guest WHERE number = :who::int \gset
SELECT id AS hostel FROM bench_hostel WHERE number = :where::int \gset
BEGIN;
INSERT INTO core_idempotency_key (caller, key_hash, input_hash, created_at) VALUES ('youth:' || :guest::text, decode(md5(random()::text), 'hex'), '\x00', now()) ON CONFLICT DO NOTHING RETURNING encode(key_hash, 'hex') AS key \gset
SELECT *, EXISTS (SELECT 1 FROM hostel_booking b WHERE b.hostel_id = h.id AND b.status = 'HELD' AND b.hold_expires_at <= now()) FROM hostel_hostel h WHERE h.id = :hostel::uuid;
SELECT y.*, EXISTS (SELECT 1 FROM accounts_consent c WHERE c.youth_id = y.id AND c.purpose = 'GUARDIAN' AND c.withdrawn_at IS NULL), (SELECT json_agg(json_build_array(a.year, a.nights)) FROM hostel_allowance a WHERE a.guest_id = y.id AND a.year = extract(year FROM current_date + :night::int)::int), (SELECT json_agg(json_build_array(n.night, n.booking_id)) FROM hostel_bed_night n WHERE n.guest_id = y.id AND n.night = current_date + :night::int), (SELECT json_agg(json_build_array(b.no_show_on, b.id)) FROM hostel_booking b WHERE b.guest_id = y.id AND b.status = 'NO_SHOW') FROM accounts_youth y WHERE y.id = :guest::uuid;
SELECT * FROM hostel_booking b WHERE b.guest_id = :guest::uuid AND b.hostel_id = :hostel::uuid AND b.status IN ('WAITLISTED', 'HELD', 'CONFIRMED', 'CHECKED_IN') AND b.check_in <= current_date + :night::int AND b.check_out > current_date + :night::int;
SELECT name, division_code, value FROM core_policy WHERE name IN ('hostels.no_shows_that_bar', 'hostels.no_show_within_days', 'hostels.barred_days') AND division_code IN ('440106', '440100', '440000', '');
SELECT room_id, bed, room_gender, array_agg(night - current_date) FROM hostel_bed_night WHERE hostel_id = :hostel::uuid AND night >= greatest(current_date, current_date + :night::int - 14) AND night < current_date + :night::int + 15 AND guest_id IS NULL AND NOT closed GROUP BY room_id, bed, room_gender;
INSERT INTO hostel_allowance AS a (guest_id, year, nights, most) VALUES (:guest::uuid, extract(year FROM current_date + :night::int)::int, 1, 366) ON CONFLICT (guest_id, year) DO UPDATE SET nights = a.nights + excluded.nights, most = excluded.most WHERE a.nights + excluded.nights <= excluded.most RETURNING a.guest_id, a.year;
INSERT INTO hostel_booking (id, hostel_id, guest_id, check_in, check_out, status, code_sealed, code_index, created_at, updated_at) VALUES (gen_random_uuid(), :hostel::uuid, :guest::uuid, current_date + :night::int, current_date + :night::int + 1, 'CONFIRMED', decode(repeat('00', 60), 'hex'), decode(md5(random()::text), 'hex'), now(), now()) RETURNING id AS booking \gset
WITH pick AS (SELECT room_id, bed, night FROM hostel_bed_night n WHERE hostel_id = :hostel::uuid AND night = current_date + :night::int AND guest_id IS NULL AND NOT closed AND NOT EXISTS (SELECT 1 FROM hostel_bed_night o WHERE o.guest_id = :guest::uuid AND o.night = n.night) LIMIT 1 FOR UPDATE SKIP LOCKED) UPDATE hostel_bed_night n SET booking_id = :booking::uuid, guest_id = :guest::uuid, guest_gender = 'MALE' FROM pick WHERE n.room_id = pick.room_id AND n.bed = pick.bed AND n.night = pick.night RETURNING n.booking_id;
INSERT INTO core_state_event (id, subject_id, status, at, actor) VALUES (gen_random_uuid(), :booking::uuid, 'CONFIRMED', now(), 'youth:' || :guest::text);
INSERT INTO core_outbox_event (id, topic, payload, created_at, due_at, attempts) VALUES (gen_random_uuid(), 'hostels.booking_moved', json_build_object('booking_id', :booking::uuid, 'hostel_id', :hostel::uuid, 'guest_id', :guest::uuid, 'status', 'CONFIRMED', 'check_in', current_date + :night::int, 'check_out', current_date + :night::int + 1, 'by_guest', true, 'note', ''), now(), now(), 0);
UPDATE core_idempotency_key SET record_id = :booking::uuid WHERE caller = 'youth:' || :guest::text AND key_hash = decode(:key::text, 'hex');
COMMIT;
