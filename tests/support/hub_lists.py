"""Which of CrowdSec's hub tests count for our parsers, with how many lines, and why others do not."""

# ruff: noqa: SIM905  (lists of four hundred names)

COUNTED = {
    name: int(lines)
    for name, lines in (
        row.rsplit(":", 1)
        for row in """
    CVE-2022-40684:1 actual-budget-whitelist:9 apache2-logs:9 apache2-malformed:11 auditd-logs:4
    base-upsun-httplog-logs:1 caddy-coraza:55 caddy-logs:10 calibre-web-whitelist:16 cve_2022_37042:2
    dovecot-logs:15 dovecot-slow-bf:4 dovecot-slow-bf-no-overlap:4 dovecot-slow-bf-user-enum:4
    dovecot-time-based-bf:4 dovecot-time-based-bf-user-enum:4 geoip-enrich:3 gitea-logs:7 haproxy-logs:4
    haproxy-nextcloud-whitelist:1 iptables-logs:3 jellyfin-whitelist:5 jellyseerr-whitelist:5 mariadb-logs:6
    modsecurity-logs:13 modsecurity-logs-nginx:8 mysql-logs:4 nextcloud-logs:5 nextcloud-whitelist:18
    nginx-http-malformed:12 nginx-mail-logs:11 nginx-proxy-manager-logs:14 nginx-proxy-manager-malformed:12
    nginx_http-catch-npm:6 nginx_http-logs:9 nginx_req_limit_exceeded:9 opnsense-sshd:10
    overseerr-whitelist:5 pam-logs:2 pfsense-rfc5424-nginx:1 pgsql-logs:2 pgsql-user-enum:6 postfix-logs:7
    postscreen-logs:2 rocketchat-whitelist:3 spring4shell_cve-2022-22965:2 sshd-invalid-bf:6 sshd-logs:23
    sshd-success-logs:4 supabase-docker-pgsql-logs:3 traefik_clf:7 traefik_json:6 unifi-logs:4 vsftpd-logs:3
    whitelists:4
    """.split()
    )
}
# The hub's parsers of programs that we ship no parser for.
ELSEWHERE = set(
    """
    Azlaroc/sftpgo-logs Dominic-Wagner/vaultwarden-logs Guezli/mailcow-f2b-bans
    Jgigantino31/calibre-web-logs Jgigantino31/mealie-logs Jgigantino31/ntfy-logs
    LePresidente/adguardhome-logs LePresidente/authelia-logs LePresidente/emby-logs
    LePresidente/grafana-logs LePresidente/harbor-logs LePresidente/jellyfin-logs
    LePresidente/jellyseerr-logs LePresidente/ombi-logs LePresidente/overseerr-logs
    LePresidente/redmine-logs LearningSpot/baserow-logs LearningSpot/dockge-logs LearningSpot/hestiacp-logs
    LearningSpot/litellm-logs MariuszKociubinski/bitwarden-logs MrShippeR/filebrowser-logs
    PintjesB/technitium-logs Raithmir/zoraxy-logs ZoeyVid/npmplus-logs a1ad/meshcentral-logs
    a1ad/mikrotik-logs aderumier/proxmox-iptables-logs aidalinfo/couchdb-log-node
    aidalinfo/couchdb-log-subnode aidalinfo/tcpudp-flood-traefik andreasbrett/baikal-logs
    andreasbrett/paperless-ngx-logs andreasbrett/webmin-logs baudneo/gotify-logs baudneo/zoneminder-logs
    bouddha-fr/opensearch-dashboard-logs bunkerity/bunkerweb-logs cbrandlehner/mailscanner-logs
    corvese/apache-guacamole-logs cowrie-logs crowdsecurity/amavis-logs crowdsecurity/asterisk-logs
    crowdsecurity/aws-alb crowdsecurity/aws-cloudfront crowdsecurity/aws-cloudtrail
    crowdsecurity/configserver-lfd-logs crowdsecurity/cpanel-logs crowdsecurity/dropbear-logs
    crowdsecurity/endlessh-logs crowdsecurity/exchange-imap-logs crowdsecurity/exchange-pop-logs
    crowdsecurity/exchange-smtp-logs crowdsecurity/exim-logs crowdsecurity/fastly-logs
    crowdsecurity/fortinet-logs crowdsecurity/freeswitch crowdsecurity/home-assistant-logs
    crowdsecurity/iis-logs crowdsecurity/kasm-logs crowdsecurity/laurel-logs crowdsecurity/litespeed-logs
    crowdsecurity/magento-extension-logs crowdsecurity/mssql-text-logs crowdsecurity/odoo-logs
    crowdsecurity/opnsense-gui-logs crowdsecurity/palo-alto-threat-log crowdsecurity/pfsense-gui-logs
    crowdsecurity/pkexec-logs crowdsecurity/sabnzbd-logs crowdsecurity/segfault-logs crowdsecurity/smb-logs
    crowdsecurity/stirling-pdf-logs crowdsecurity/supavisor-logs crowdsecurity/suricata-evelogs
    crowdsecurity/suricata-fastlogs crowdsecurity/synology-dsm-logs crowdsecurity/tcpdump-logs
    crowdsecurity/teamspeak3-logs crowdsecurity/teleport-logs crowdsecurity/thehive-logs
    crowdsecurity/unifi-cef crowdsecurity/wireguard-logs cyrille37/sympa_ww-logs darkclip/charon-ipsec-logs
    firewall-services/lemonldap-ng-logs firewallservices/pf-logs firewallservices/pf-logs-drop
    firewallservices/zimbra-logs firix/authentik-logs fulljackz/proxmox-logs fulljackz/pureftpd-logs
    gauth-fr/immich-logs gilbsgilbs/qbittorrent-logs inherent-io/keycloak-logs jbowdre/miniflux-logs
    jusabatier/apereo-cas-audit-logs lourys/pterodactyl-wings-logs mstilkerich/bind9
    mwinters-stuff/mailu-admin-logs nicoh88/proxmox-backup-auth-logs openappsec/openappsec-logs
    plague-doctor/audiobookshelf-logs proftpd-logs pserranoa/openvpn schiz0phr3ne/prowlarr-logs
    schiz0phr3ne/radarr-logs schiz0phr3ne/sonarr-logs sdwilsh/navidrome-logs thespad/sshesame-logs
    timokoessler/gitlab-logs timokoessler/mongodb-logs timokoessler/uptime-kuma-logs vspaziani/fireflyiii
    xs539/bookstack-logs xs539/joplin-server-logs yanis-kouidri/envoy-logs
    """.split()
)
# Tests that expect nothing of a parser: they are about a scenario, about headers alone, or about none fitting.
SILENT = set(
    """
    CVE-2017-9841 CVE-2019-18935 CVE-2022-26134 CVE-2022-35914 CVE-2022-41697 CVE-2022-42889 CVE-2022-44877
    CVE-2022-46169 CVE-2023-22515 CVE-2023-22518 CVE-2023-4911 CVE-2024-0012 CVE-2024-38475 CVE-2024-9474
    CVE-2025-0108 adguardhome-bf amavis-blocked apache-cve-2021-41773 apache-guacamole_bf
    apache-guacamole_user_enum apache-http-probing apache2-http-sensitive-files apache_log4j2_cve-2021-44228
    apereo-cas-bf apereo-cas-slow-bf apiscp-bf asterisk-bf asterisk-user-enum audiobookshelf-bf
    auditd-base64-exec auditd-postexploit-exec-from-net auditd-postexploit-rm auditd-suid-crash authelia-bf
    authentik-bf aws-alb-http-bad-user-agent aws-bf aws-cloudtrail-postexploit aws-nwo-login baikal-bf
    base-upsun-generic-test bind9-refused bitwarden-bf bookstack-bf bunkerweb-bad-user-agent
    bunkerweb-http-path-traversal bunkerweb-http-sensitive-files caddy-basic-auth-bf caddy-crs-anomaly-score
    calibre-web-bf cef-logs charon-ipsec-bf charon-ipsec-slow-bf cowrie_telnet-bf cpanel-bf
    cpanel_bf_attempt cri-logs cve-2021-42013 cve-2023-23397 cve-2023-49103 docker-logs dockge-bf
    dovecot-spam emby-bf envoy-http-bad-user-agent envoy-http-crawl-non_statics exchange-imap-bf
    exchange-pop-bf exchange-smtp-bf exim-bf exim-spam f5-big-ip-cve-2020-5902 fortinet-cve-2018-13379
    freeswitch-acl-reject freeswitch-bf freeswitch-user-enumeration gitea-bf gitlab-bf gotify-bf grafana-bf
    grafana_cve-2021-43798 harbor-bf hestiacp-bf http-admin-interface-probing http-bf-wordpress-bf
    http-cve-probing http-dos-bypass-cache http-dos-invalid-http-versions http-dos-random-uri
    http-dos-switching-ua http-generic-test http-magento-bf http-technology-probing http-wordpress-scan
    http-wordpress_user-enum http-wordpress_wpconfig iptables-scan-multi-port ipv6-postoverflow jellyfin-bf
    jellyfin-syslog-bf jellyseerr-bf jira_cve-2021-26086 joplin-server-bf k8s-audit-pod-exec-file
    k8s-audit-priv-pod-file kasm-bruteforce keycloak-bf keycloak-slow-bf laurel-base64-exec
    laurel-suid-crash lemonldap-ng-bf litespeed-admin-bf litespeed-http-sensitive-files magento-ccs
    magento-ccs-by-as magento-ccs-by-country mailcow-f2b-feed mailscanner-blacklisted
    mailscanner-highscore-spam mailu-admin-bf mariadb-bf mealie-bf meshcentral-bf mikrotik-bf
    mikrotik-scan-multi_ports miniflux-bf modsecurity modsecurity-nginx mongodb-bf mysql-bf navidrome-bf
    netgear_rce nextcloud-bf nginx-bad-user-agent nginx-cve-2021-41773 nginx-http-backdoor
    nginx-http-generic-bf nginx-http-open-proxy nginx-http-path-traversal nginx-http-sensitive-files
    nginx-http-sqli-probing nginx-http-w00twoot nginx-http-xss-probing nginx-mail-bf ntfy-bf ombi-bf
    opensearch-dashboard-bf openvpn-bf overseerr-bf paperless-ngx-bf pf-scan-multi-port
    pfsense-rfc5424-filterlog postfix-helo postfix-honeypot-users postfix-non-smtp postfix-relay
    postfix-sasl-bf postfix-spam proftpd-bf proftpd-user-enum prowlarr-bf proxmox-bf pterodactyl-wings-bf
    pulse-secure-sslvpn-cve-2019-11510 radarr-bf redmine-bf sabnzbd-bf sap-probing sftpgo-bf
    sftpgo-impossible-travel smb-bf sonarr-bf ssh-bf ssh-generic-test ssh-slow-bf ssh-time-based-bf
    ssh-timeout sshd-bad-keyexchange-bf sshd-impossible-travel sshd-impossible-travel-user sshd-logs-fp
    sshd-refused-conn sshd_banner_exchange stirling-pdf-bf suricata-eve-detect sympa_ww-http-scan
    synology-dsm-bf syslog-logs teleport-bf teleport-impossible-travel thinkphp-cve-2018-20062
    traefik_base-http-scenario uptime-kuma-bf vaultwarden-bf vmware-cve-2022-22954
    vmware-vcenter-vmsa-2021-0027 vsftpd-bf webmin-bf windows-bf windows-logs wireguard-auth zimbra-bf
    zoneminder-bf zoneminder_cve-39285 zoneminder_cve-39290 zoneminder_cve-39291 zoraxy-http-bad-user-agent
    """.split()
)
