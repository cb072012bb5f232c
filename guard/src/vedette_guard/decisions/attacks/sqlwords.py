"""What words mean to a SQL judge: one letter each, over MySQL, PostgreSQL, SQL Server, Oracle and SQLite.

`L` joins conditions, `i` is an operator that is a word, `E` selects, `U` unites, `B` is a clause behind a condition, `D` a
clause nobody writes by accident, `T` begins a statement of its own, `X` one that runs another, `C` is a case and `Z` its
parts, `n` is a constant, `v` a value that looks like a name, `G` a table that tells of tables, `k` any other keyword.
"""

from __future__ import annotations

from vedette_guard.decisions.attacks.sign import words

WORDS: dict[str, str] = {}


def _are(letter: str, words: str) -> None:
    WORDS.update(dict.fromkeys(words.split(), letter))


_are("L", "or and xor")
_are(
    "i",
    "like ilike rlike regexp glob match between div mod is in escape collate isnull notnull overlaps soundslike similarto",
)
_are("!", "not binary")
_are("E", "select")
_are("U", "union intersect except minus")
_are("B", "having limit offset orderby groupby")
_are(
    "D",
    "waitfordelay waitfortime intooutfile intodumpfile procedureanalyse executeimmediate xp_cmdshell xp_dirtree sp_executesql",
)
_are("X", "exec execute declare")
_are(
    "T",
    """insert update delete drop alter create truncate set shutdown waitfor begin merge grant revoke call handler load
    analyze analyse copy vacuum replace rename kill backup restore dbcc use print goto if show reconfigure commit rollback
    do lock desc describe explain prepare deallocate attach detach pragma""",
)
_are("C", "case")
_are("Z", "when then else end")
_are("n", "null true false")
_are(
    "v",
    """current_user current_date current_time current_timestamp session_user system_user localtimestamp utc_date utc_time
    utc_timestamp sysdate rownum rowid current_database""",
)
_are(
    "G",
    """sysobjects syscolumns sysusers sqlite_master sqlite_schema mysql.user all_tables all_users user_tables
    sysibm.systables pg_shadow pg_user pg_tables sysdatabases rdb$fields""",
)
_are(
    "k",
    """from where as all any some distinct distinctrow exists using values into table by on join inner outer cross natural
    for with interval top over partition""",
)
PREFIXES = (
    "information_schema", "mysql.", "pg_catalog", "master..", "msysaccess",
    *(f"sys.{name}" for name in words("""
        all_ columns databases database_ dm_ foreign_ indexes key_ logins objects parameters procedures schema schemas
        server_ sql_ sys tables triggers types users user_ views x$""")),
)  # of `G`  # fmt: skip
# Words that mean something together with the next one.
FOLDED: dict[str, tuple[str, ...]] = {
    "order": ("by",), "group": ("by",), "into": ("outfile", "dumpfile"), "waitfor": ("delay", "time"),
    "procedure": ("analyse",), "sounds": ("like",), "similar": ("to",), "execute": ("immediate",),
}  # fmt: skip

# Functions of databases (`f`), and those that mathematics, programs and prose have too (`m`).
FUNCTIONS = words("""
    adddate addtime aes_decrypt aes_encrypt array_agg array_to_string ascii asciistr benchmark bit_and bit_count
    bit_length bit_or bit_xor changes char_length character_length charindex coalesce coercibility col_length
    collation compress concat_ws connection_id conv convert_tz crc32 ctxsys.drithsx.sn curdate current_database
    current_schema current_setting current_user curtime data_type database_to_xml datalength date_add date_sub
    dateadd datediff datepart dayname dayofmonth dayofweek dayofyear db_id db_name dbms_lock.sleep
    dbms_pipe.receive_message dbms_utility.sqlid_to_sqlhash dbms_xmlgen.getxml dense_rank des_decrypt
    des_encrypt dumpfile elt encrypt export_set extractvalue filetoblob filetoclob find_in_set found_rows
    from_base64 from_days from_unixtime fulltextcatalogproperty generate_series geometrycollection get_format
    get_lock getdate getpgusername group_concat gtid_subset gtid_subtract has_name_by_id host_name ifnull iif
    inet_aton inet_ntoa initcap instr is_free_lock is_member is_srvrolemember isnull json_agg json_array
    json_build_object json_extract json_group_array json_keys json_object json_valid jsonb_pretty last_day
    last_insert_id lcase likelihood likely linestring lo_export lo_get lo_import load_extension load_file
    localtimestamp locate lpad make_set makedate master_pos_wait microsecond monthname multilinestring
    multipoint multipolygon name_const newid ntile nullif nvl object_id object_name oct octet_length
    opendatasource openquery openrowset ord overlay patindex period_add period_diff permissions
    pg_client_encoding pg_ls_dir pg_read_file pg_sleep polygon quarter query_to_xml randomblob rawtohex
    regexp_instr regexp_like regexp_replace regexp_substr release_lock replicate row_count row_number
    row_to_json rpad schema_name sec_to_time serverproperty session_user sha sha2 sleep soundex sqlite_version
    st_latfromgeohash starts_with stddev strcmp strftime string_agg string_to_array stuff subdate substr
    substring substring_index subtime suser_name suser_sname sys_context sysdate system_user sysuuid time_format
    time_to_sec timediff timestampadd timestampdiff to_base64 to_char to_days to_hex to_number total_changes
    typeof ucase uncompress uncompressed_length unhex unicode unistr unix_timestamp unlikely unnest updatexml
    user_id user_name utc_date utc_time utl_http.request utl_inaddr.get_host_address utl_inaddr.get_host_name
    uuid_short var_pop weekday weekofyear xmlagg xmlelement xmlforest xmlquery xmltable xmltype xp_cmdshell
    xp_dirtree yearweek zeroblob
    """)
COMMON = words("""
    abs acos asin atan atan2 avg bin cast ceil ceiling char chr concat convert cos cot count database date
    date_format day decode default degrees encode exp extract field floor format glob greatest hex hour if in
    insert lag lead least left len length like ln local localtime log log10 log2 lower ltrim max md5 mid min
    minute mod month now password pi position pow power print printf quote quotename radians rand random rank
    repeat replace reverse right round row rtrim schema second sha1 sign sin space sqrt std str sum tan time
    timestamp trim truncate upper user uuid variance version week year
    """)

# Functions that nobody names by accident: their call is enough.
TELLING = words("""benchmark pg_sleep load_file extractvalue updatexml xp_cmdshell xp_dirtree group_concat concat_ws
    substring_index lo_import lo_export lo_get pg_read_file pg_ls_dir dbms_pipe.receive_message load_extension
    utl_http.request utl_inaddr.get_host_address utl_inaddr.get_host_name ctxsys.drithsx.sn openrowset
    opendatasource randomblob sqlite_version fulltextcatalogproperty json_keys dbms_lock.sleep dbms_xmlgen.getxml
    dbms_utility.sqlid_to_sqlhash aes_decrypt make_set name_const unhex is_srvrolemember filetoclob filetoblob
    query_to_xml database_to_xml to_base64 from_base64 jsonb_pretty json_build_object unistr""")
