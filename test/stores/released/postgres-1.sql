-- store (postgres)
begin;
select pg_advisory_xact_lock(7061737370677721);
create schema passport_gateway;
create table passport_gateway.schema_version (version integer not null);
insert into passport_gateway.schema_version values (0);
create table passport_gateway.users (
  number bigint generated always as identity primary key,
  id text collate "C" not null unique,
  email text collate "C" not null unique,
  password_hash text collate "C" not null,
  subscription text not null,
  country text not null,
  platform text not null,
  is_disabled boolean not null,
  created_at_seconds double precision not null
);
create table passport_gateway.idempotency (
  key text collate "C" primary key,
  claim_id text collate "C",
  fingerprint text not null,
  answer bytea,
  expires_at_ms double precision not null
);
create index idempotency_expiry on passport_gateway.idempotency (expires_at_ms);
create table passport_gateway.revocation_counter (seq bigint not null);
insert into passport_gateway.revocation_counter values (0);
create table passport_gateway.revocations (
  seq bigint primary key,
  user_id text collate "C" not null,
  token_id text collate "C" unique,
  issued_until_ms double precision,
  ends_seconds double precision not null
);
create unique index revoked_users on passport_gateway.revocations (user_id)
  where token_id is null;
create index revocation_end on passport_gateway.revocations (ends_seconds);
create function passport_gateway.now_ms() returns double precision language sql volatile as $$
  select floor(extract(epoch from clock_timestamp()) * 1000)::double precision
$$;
create function passport_gateway.claim_key(
  the_key text, the_claim text, the_fingerprint text, ttl_ms double precision
) returns setof passport_gateway.idempotency language plpgsql volatile as $$
declare
  present_ms double precision;
begin
  loop
    present_ms := passport_gateway.now_ms();
    insert into passport_gateway.idempotency as held
      values (the_key, the_claim, the_fingerprint, null, present_ms + ttl_ms)
    on conflict (key) do update set claim_id = excluded.claim_id,
      fingerprint = excluded.fingerprint, answer = null, expires_at_ms = excluded.expires_at_ms
    where held.expires_at_ms <= present_ms;
    exit when found;
    return query select * from passport_gateway.idempotency where key = the_key;
    if found then return; end if;
  end loop;
  delete from passport_gateway.idempotency where key = any (array(
    select key from passport_gateway.idempotency
    where expires_at_ms <= present_ms and key <> the_key
    order by expires_at_ms limit 4 for update skip locked
  ));
end
$$;
create function passport_gateway.next_seq() returns bigint
language plpgsql volatile as $$
declare
  new_seq bigint;
  past_seconds double precision;
begin
  update passport_gateway.revocation_counter
    set seq = greatest(seq + 1, floor(extract(epoch from clock_timestamp()) * 1000000)::bigint)
    returning seq into strict new_seq;
  past_seconds := passport_gateway.now_ms() / 1000 - 300;
  delete from passport_gateway.revocations where seq = any (array(
    select seq from passport_gateway.revocations
    where ends_seconds <= past_seconds
    order by ends_seconds limit 4
  ));
  perform pg_notify('passport_gateway', '');
  return new_seq;
end
$$;
create function passport_gateway.add_token(
  the_token text, the_user text, issued_at_ms double precision, exp_seconds double precision
) returns boolean language plpgsql volatile as $$
declare
  new_seq bigint := passport_gateway.next_seq();
begin
  insert into passport_gateway.revocations (seq, user_id, token_id, ends_seconds)
    select new_seq, the_user, the_token, exp_seconds
    where not exists (select from passport_gateway.revocations
      where user_id = the_user and token_id is null and issued_until_ms >= issued_at_ms)
  on conflict (token_id) do nothing;
  return found;
end
$$;
create function passport_gateway.raise_user(
  the_user text, until_ms double precision, keep_until_seconds double precision
) returns double precision language plpgsql volatile as $$
declare
  new_seq bigint := passport_gateway.next_seq();
  raised_ms double precision;
begin
  insert into passport_gateway.revocations as held
      (seq, user_id, issued_until_ms, ends_seconds)
    values (new_seq, the_user, greatest(until_ms, passport_gateway.now_ms()), keep_until_seconds)
  on conflict (user_id) where token_id is null do update set seq = excluded.seq,
    issued_until_ms = greatest(excluded.issued_until_ms, held.issued_until_ms + 1),
    ends_seconds = greatest(excluded.ends_seconds, held.ends_seconds)
  returning issued_until_ms into strict raised_ms;
  return raised_ms;
end
$$;
update passport_gateway.schema_version set version = 1;
commit;
insert into passport_gateway.users (id, email, password_hash, subscription, country, platform, is_disabled, created_at_seconds)
  values ('user_ada', 'ada@example.com', 'hash', 'pro', 'IN', 'android', true, 1790000000);
update passport_gateway.revocation_counter set seq = 1;
insert into passport_gateway.revocations (seq, user_id, token_id, issued_until_ms, ends_seconds)
  values (1, 'user_ada', null, 1790000000000, 'Infinity');
