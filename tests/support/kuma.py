"""Databases as Uptime Kuma 1.23 and 2 have them: their columns with their defaults, and a few monitors."""

import sqlite3
from pathlib import Path

_V1 = """id INTEGER PRIMARY KEY|name|active DEFAULT 1|user_id|interval DEFAULT 20|url|type|weight DEFAULT 2000|hostname|port|
created_date DEFAULT '2026-01-01 00:00:00'|keyword|maxretries DEFAULT 0|ignore_tls DEFAULT 0|upside_down DEFAULT 0|
maxredirects DEFAULT 10|accepted_statuscodes_json DEFAULT '["200-299"]'|dns_resolve_type|dns_resolve_server|dns_last_result|
retry_interval DEFAULT 0|push_token|method DEFAULT 'GET'|body|headers|basic_auth_user|basic_auth_pass|docker_host|
docker_container|proxy_id|expiry_notification DEFAULT 1|mqtt_topic|mqtt_success_message|mqtt_username|mqtt_password|
database_connection_string|database_query|auth_method|auth_domain|auth_workstation|grpc_url|grpc_protobuf|grpc_body|
grpc_metadata|grpc_method|grpc_service_name|grpc_enable_tls DEFAULT 0|radius_username|radius_password|
radius_calling_station_id|radius_called_station_id|radius_secret|resend_interval DEFAULT 0|packet_size DEFAULT 56|game|
http_body_encoding|description|tls_ca|tls_cert|tls_key|parent|invert_keyword DEFAULT 0|json_path|expected_value|
kafka_producer_topic|kafka_producer_brokers|kafka_producer_sasl_options|kafka_producer_message|oauth_client_id|
oauth_client_secret|oauth_token_url|oauth_scopes|oauth_auth_method|timeout DEFAULT 0|gamedig_given_port_only DEFAULT 1|
kafka_producer_ssl DEFAULT 0|kafka_producer_allow_auto_topic_creation DEFAULT 0"""
_V2 = """|mqtt_check_type DEFAULT 'keyword'|remote_browser|snmp_oid|snmp_version DEFAULT '2c'|json_path_operator|
cache_bust DEFAULT 0|conditions DEFAULT '[]'|rabbitmq_nodes|rabbitmq_username|rabbitmq_password|smtp_security|
ws_ignore_sec_websocket_accept_header DEFAULT 0|ws_subprotocol DEFAULT ''|ping_count DEFAULT 1|ping_numeric DEFAULT 1|
ping_per_request_timeout DEFAULT 2|ip_family|manual_status|oauth_audience|mqtt_websocket_path|
domain_expiry_notification DEFAULT 0|save_response DEFAULT 0|save_error_response DEFAULT 1|
response_max_length DEFAULT 1024|system_service_name|subtype|location|protocol|snmp_v3_username|expected_tls_alert|
retry_only_on_status_code_failure DEFAULT 0|screenshot_delay DEFAULT 0|ntp_stratum_threshold DEFAULT 5|
ntp_time_offset_threshold DEFAULT 1000|ntp_root_dispersion_threshold DEFAULT 500|bearer_token|gamedig_token"""
_OTHERS = {
    "tag": "id|name|color|created_date",
    "monitor_tag": "id|monitor_id|tag_id|value",
    "maintenance": "id|title|description|user_id|active DEFAULT 1|strategy|start_date|end_date|start_time|end_time|weekdays DEFAULT '[]'|days_of_month DEFAULT '[]'|interval_day|cron|timezone|duration",
    "monitor_maintenance": "id|monitor_id|maintenance_id",
    "notification": "id|name|active DEFAULT 1|user_id|is_default DEFAULT 0|config",
    "proxy": "id|user_id|protocol|host|port|auth|username|password|active DEFAULT 1",
    "status_page": "id|slug|title|description",
    "heartbeat": "id|monitor_id|status|msg",
}
ROWS: tuple[tuple[str, dict[str, object]], ...] = (
    ("monitor", {"id": 1, "name": "Shop", "type": "keyword", "url": "https://shop.example", "keyword": "welcome", "maxretries": 2, "interval": 60, "parent": 3, "method": "POST", "body": "a=1", "http_body_encoding": "form", "auth_method": "basic", "basic_auth_user": "u", "basic_auth_pass": "geheim", "resend_interval": 3}),
    ("monitor", {"id": 2, "name": "Gate", "type": "ping", "hostname": "gate.example", "interval": 60, "active": 0, "packet_size": 1000}),
    ("monitor", {"id": 3, "name": "Core", "type": "group", "interval": 60}),
    ("monitor", {"id": 4, "name": "Zone", "type": "dns", "hostname": "example.org", "dns_resolve_type": "MX", "dns_resolve_server": "1.1.1.1, 8.8.8.8", "port": 53, "interval": 300}),
    ("monitor", {"id": 5, "name": "Shop", "type": "http", "url": "https://other.example", "interval": 2, "expiry_notification": 0}),
    ("monitor", {"id": 6, "name": "Game", "type": "steam", "hostname": "game.example", "port": 1, "interval": 60}),
    ("tag", {"id": 1, "name": "Team", "color": "#000"}),
    ("monitor_tag", {"id": 1, "monitor_id": 1, "tag_id": 1, "value": "shop"}),
    ("maintenance", {"id": 1, "title": "Sunday", "strategy": "recurring-weekday", "weekdays": "[0,1]", "start_time": "02:00", "end_time": "04:30", "timezone": "Europe/Berlin"}),
    ("maintenance", {"id": 2, "title": "Move", "strategy": "single", "start_date": "2026-12-01 22:00", "end_date": "2026-12-02 02:00", "timezone": "SAME_AS_SERVER"}),
    ("maintenance", {"id": 3, "title": "Monthly", "strategy": "recurring-day-of-month", "days_of_month": "[1, 15]", "start_time": "03:00", "duration": 3600, "timezone": "UTC"}),
    ("maintenance", {"id": 4, "title": "Cron", "strategy": "cron", "cron": "0 5 * * 6", "duration": 1800, "timezone": "UTC"}),
    ("maintenance", {"id": 5, "title": "By hand", "strategy": "manual"}),
    ("maintenance", {"id": 6, "title": "Nobody's", "strategy": "single", "start_date": "2026-12-01 22:00", "end_date": "2026-12-02 02:00"}),
    *(("monitor_maintenance", {"id": n, "monitor_id": 1, "maintenance_id": n}) for n in range(1, 6)),
    ("notification", {"id": 1, "name": "Mail", "config": '{"password": "geheim"}'}),
    ("status_page", {"id": 1, "slug": "all", "title": "All"}),
    ("heartbeat", {"id": 1, "monitor_id": 1, "status": 1, "msg": "200 - OK"}),
)  # fmt: skip


def build(path: Path, version: int) -> Path:
    """Write a database of Uptime Kuma 1 or 2 with `ROWS`; return its path."""
    database = sqlite3.connect(path)
    tables = {"monitor": _V1 + (_V2 if version == 2 else ""), **_OTHERS}
    for table, columns in tables.items():
        database.execute(f"CREATE TABLE {table} ({columns.replace(chr(10), '').replace('|', ', ')})")
    for table, row in ROWS:
        marks = ", ".join("?" * len(row))
        database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608
    database.commit()
    database.close()
    return path
