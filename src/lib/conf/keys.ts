/**
 * Every key that VerneMQ 2.2.0 knows, by what it takes: words, or <kinds> that values.ts explains. `$name` stands for any
 * word. What a key takes is its cuttlefish datatype, narrowed by what its validator or translation refuses.
 */
export const KEYS_BY_TYPE: Readonly<Record<string, string>> = {
  '<any>': `
    logging.obfuscation_secret default_reg_view queue_deliver_mode http_module.$name.auth.mode
    http_module.vmq_http_mgmt_api.auth.mode http_module.vmq_http_pub.auth.mode
    http_module.vmq_http_v2_api.auth.mode listener.http.$name.http_module.$module.auth.mode
    listener.https.$name.http_module.$module.auth.mode listener.tcp.$name.buffer_sizes
    listener.ssl.$name.buffer_sizes listener.vmq.$name.buffer_sizes
    listener.ws.$name.proxy_xff_trusted_intermediate listener.ws.proxy_xff_trusted_intermediate
    listener.ws.$name.proxy_xff_cn_header listener.tcp.$name.auth_plugins
    listener.ssl.$name.auth_plugins listener.ws.$name.auth_plugins listener.wss.$name.auth_plugins
    listener.tcp.$name.authz_plugins listener.ssl.$name.authz_plugins listener.ws.$name.authz_plugins
    listener.wss.$name.authz_plugins listener.http.$name.config_mod listener.http.$name.config_fun
    listener.http.$name.http_modules listener.https.$name.config_mod listener.https.$name.config_fun
    listener.https.$name.http_modules listener.mountpoint listener.tcp.mountpoint
    listener.tcp.$name.mountpoint listener.ws.mountpoint listener.ws.$name.mountpoint
    listener.wss.mountpoint listener.wss.$name.mountpoint listener.ssl.mountpoint
    listener.ssl.$name.mountpoint listener.vmq.mountpoint listener.vmq.$name.mountpoint
    listener.vmqs.mountpoint listener.vmqs.$name.mountpoint listener.ssl.cafile
    listener.ssl.$name.cafile listener.wss.cafile listener.wss.$name.cafile listener.vmqs.cafile
    listener.vmqs.$name.cafile listener.https.cafile listener.https.$name.cafile listener.ssl.certfile
    listener.ssl.$name.certfile listener.wss.certfile listener.wss.$name.certfile listener.vmqs.certfile
    listener.vmqs.$name.certfile listener.https.certfile listener.https.$name.certfile
    listener.ssl.keyfile listener.ssl.$name.keyfile listener.wss.keyfile listener.wss.$name.keyfile
    listener.vmqs.keyfile listener.vmqs.$name.keyfile listener.https.keyfile
    listener.https.$name.keyfile listener.ssl.keypasswd listener.ssl.$name.keypasswd
    listener.wss.keypasswd listener.wss.$name.keypasswd listener.vmqs.keypasswd
    listener.vmqs.$name.keypasswd listener.https.keypasswd listener.https.$name.keypasswd
    listener.ssl.ciphers listener.ssl.$name.ciphers listener.wss.ciphers listener.wss.$name.ciphers
    listener.vmqs.ciphers listener.vmqs.$name.ciphers listener.https.ciphers
    listener.https.$name.ciphers listener.ssl.eccs listener.ssl.$name.eccs listener.wss.eccs
    listener.wss.$name.eccs listener.vmqs.eccs listener.vmqs.$name.eccs listener.https.eccs
    listener.https.$name.eccs listener.ssl.crlfile listener.ssl.$name.crlfile listener.wss.crlfile
    listener.wss.$name.crlfile listener.vmqs.crlfile listener.vmqs.$name.crlfile listener.https.crlfile
    listener.https.$name.crlfile listener.vmqs.tls_version listener.vmqs.$name.tls_version
    listener.ssl.psk_identity_hint listener.ssl.$name.psk_identity_hint listener.ssl.pskfile
    systree_mountpoint systree_reg_view prometheus_namespace graphite_host graphite_prefix
    graphite_api_key plumtree.directory setup.log_dir setup.data_dir shared_subscription_policy
    plugins.$name.path message_store_plugin vmq_generic_msg_store.store_dir wait_for_proc
    default_schema_dir vmq_acl.acl_file vmq_passwd.password_file vmq_diversity.script_dir
    vmq_diversity.auth_postgres.script vmq_diversity.postgres.host vmq_diversity.postgres.user
    vmq_diversity.postgres.password vmq_diversity.postgres.database vmq_diversity.postgres.cafile
    vmq_diversity.postgres.certfile vmq_diversity.postgres.keyfile vmq_diversity.auth_cockroachdb.script
    vmq_diversity.cockroachdb.host vmq_diversity.cockroachdb.user vmq_diversity.cockroachdb.password
    vmq_diversity.cockroachdb.database vmq_diversity.cockroachdb.cafile
    vmq_diversity.cockroachdb.certfile vmq_diversity.cockroachdb.keyfile vmq_diversity.auth_mysql.script
    vmq_diversity.mysql.host vmq_diversity.mysql.user vmq_diversity.mysql.password
    vmq_diversity.mysql.database vmq_diversity.auth_mysql2.script vmq_diversity.mysql2.host
    vmq_diversity.mysql2.user vmq_diversity.mysql2.password vmq_diversity.mysql2.database
    vmq_diversity.mysql2.cafile vmq_diversity.mysql2.certfile vmq_diversity.mysql2.keyfile
    vmq_diversity.auth_mongodb.script vmq_diversity.mongodb.host vmq_diversity.mongodb.srv
    vmq_diversity.mongodb.login vmq_diversity.mongodb.password vmq_diversity.mongodb.auth_source
    vmq_diversity.mongodb.database vmq_diversity.mongodb.w_mode vmq_diversity.mongodb.cafile
    vmq_diversity.mongodb.certfile vmq_diversity.mongodb.keyfile vmq_diversity.mongodb.ssl.sni
    vmq_diversity.auth_redis.script vmq_diversity.redis.host vmq_diversity.redis.password
    vmq_diversity.redis.user vmq_diversity.memcache.host vmq_diversity.$script.file
    vmq_diversity.clique_lead_line vmq_webhooks.$name.endpoint vmq_webhooks.clique_lead_line
    vmq_webhooks.cafile vmq_webhooks.tls_version vmq_webhooks.certfile vmq_webhooks.keyfile
    vmq_webhooks.keyfile_password vmq_bridge.tcp.$name vmq_bridge.ssl.$name
    vmq_bridge.tcp.$name.client_id vmq_bridge.ssl.$name.client_id vmq_bridge.tcp.$name.mountpoint
    vmq_bridge.ssl.$name.mountpoint vmq_bridge.tcp.$name.queue_dir vmq_bridge.ssl.$name.queue_dir
    vmq_bridge.tcp.$name.username vmq_bridge.ssl.$name.username vmq_bridge.tcp.$name.password
    vmq_bridge.ssl.$name.password vmq_bridge.ssl.$name.sni vmq_bridge.tcp.br0.topic.1
    vmq_bridge.tcp.$name.topic.$topic_id vmq_bridge.ssl.$name.topic.$topic_id
    vmq_bridge.ssl.$name.cafile vmq_bridge.ssl.$name.capath vmq_bridge.ssl.$name.certfile
    vmq_bridge.ssl.$name.keyfile vmq_bridge.ssl.$name.tls_version vmq_bridge.ssl.$name.identity
    vmq_bridge.ssl.$name.psk vmq_bridge.clique_lead_line vmq_swc.directory vmq_swc.dkm_directory
    vmq_swc.db_backend vmq_http_pub.mqtt_auth.mode vmq_http_pub.mqtt_auth.auth_plugin
    vmq_http_pub.mqtt_auth.user vmq_http_pub.mqtt_auth.password vmq_http_pub.mqtt_auth.client_id
    listener.https.$name.http_modules.vmq_http_pub.mqtt_auth.mode
    listener.https.$name.http_modules.vmq_http_pub.mqtt_auth.auth_plugin
    listener.https.$name.http_modules.vmq_http_pub.mqtt_auth.user
    listener.https.$name.http_modules.vmq_http_pub.mqtt_auth.password
    listener.https.$name.http_modules.vmq_http_pub.mqtt_auth.client_id
    listener.http.$name.http_modules.vmq_http_pub.mqtt_auth.mode
    listener.http.$name.http_modules.vmq_http_pub.mqtt_auth.auth_plugin
    listener.http.$name.http_modules.vmq_http_pub.mqtt_auth.user
    listener.http.$name.http_modules.vmq_http_pub.mqtt_auth.password
    listener.http.$name.http_modules.vmq_http_pub.mqtt_auth.client_id vmq_http_pub.mountpoint
    listener.http.$name.http_modules.vmq_http_pub.mountpoint
    listener.https.$name.http_modules.vmq_http_pub.mountpoint vmq_web_ui.admin.auth
    vmq_web_ui.admin.user_name vmq_web_ui.admin.user_pwd vmq_web_ui.mgmt_api.key
    vmq_web_ui.mgmt_api.port vmq_web_ui.mgmt_api.scheme platform_data_dir log.console.file
    log.error.file log.crash.file log.sasl.file erlang.W nodename distributed_cookie erlang.crash_dump
    leveldb.data_root leveldb.tiered.path.fast leveldb.tiered.path.slow`,
  '<integer>': `
    max_drain_time max_msgs_per_drain_step queue_sup_sup_children fanout.shard_count retry_interval
    max_client_id_size max_subscriptions_per_client max_inflight_messages max_online_messages
    max_offline_messages max_message_rate max_message_size outgoing_clustering_buffer_size
    incoming_clustering_buffer_size outgoing_clustering_flush_threshold
    outgoing_cluster_handshake_ack_timeout cluster_ready_rpc_timeout mqtt_connect_timeout
    min_apikey_length max_apikey_expiry_days listener.tcp.$name.active_n listener.ssl.$name.active_n
    listener.vmq.$name.high_watermark listener.vmq.$name.low_watermark
    listener.vmq.$name.high_msgq_watermark listener.vmq.$name.low_msgq_watermark
    listener.max_connection_lifetime listener.tcp.max_connection_lifetime
    listener.tcp.$name.max_connection_lifetime listener.ssl.max_connection_lifetime
    listener.ssl.$name.max_connection_lifetime listener.ws.max_connection_lifetime
    listener.ws.$name.max_connection_lifetime listener.wss.max_connection_lifetime
    listener.wss.$name.max_connection_lifetime listener.nr_of_acceptors listener.tcp.nr_of_acceptors
    listener.tcp.$name.nr_of_acceptors listener.ssl.nr_of_acceptors listener.ssl.$name.nr_of_acceptors
    listener.ws.nr_of_acceptors listener.ws.$name.nr_of_acceptors listener.wss.nr_of_acceptors
    listener.wss.$name.nr_of_acceptors listener.vmq.nr_of_acceptors listener.vmq.$name.nr_of_acceptors
    listener.vmqs.nr_of_acceptors listener.vmqs.$name.nr_of_acceptors listener.http.nr_of_acceptors
    listener.http.$name.nr_of_acceptors listener.https.nr_of_acceptors
    listener.https.$name.nr_of_acceptors listener.http.$name.max_request_line_length
    listener.https.$name.max_request_line_length listener.ws.$name.max_request_line_length
    listener.wss.$name.max_request_line_length listener.http.$name.max_header_value_length
    listener.https.$name.max_header_value_length listener.ws.$name.max_header_value_length
    listener.wss.$name.max_header_value_length listener.ssl.depth listener.ssl.$name.depth
    listener.wss.depth listener.wss.$name.depth listener.vmqs.depth listener.vmqs.$name.depth
    listener.https.depth listener.https.$name.depth systree_interval systree_qos graphite_port
    graphite_interval graphite_connect_timeout graphite_reconnect_timeout plumtree.outstanding_limit
    plumtree.drop_i_have_threshold plugins.$name.priority topic_alias_max_client topic_alias_max_broker
    topic_max_depth receive_max_client receive_max_broker expire_retain_cache
    vmq_generic_msg_store.nr_of_buckets vmq_acl.acl_reload_interval vmq_passwd.password_reload_interval
    vmq_diversity.nr_lua_states vmq_diversity.postgres.port vmq_diversity.postgres.pool_size
    vmq_diversity.postgres.ssl.depth vmq_diversity.cockroachdb.port vmq_diversity.cockroachdb.pool_size
    vmq_diversity.cockroachdb.ssl.depth vmq_diversity.mysql.port vmq_diversity.mysql.pool_size
    vmq_diversity.mysql2.port vmq_diversity.mysql2.pool_size vmq_diversity.mysql2.ssl.depth
    vmq_diversity.mongodb.port vmq_diversity.mongodb.pool_size vmq_diversity.mongodb.ssl.depth
    vmq_diversity.redis.port vmq_diversity.redis.database vmq_diversity.redis.pool_size
    vmq_diversity.memcache.port vmq_webhooks.$name.response_timeout vmq_webhooks.pool_max_connections
    vmq_webhooks.pool_timeout vmq_webhooks.depth vmq_bridge.tcp.$name.keepalive_interval
    vmq_bridge.ssl.$name.keepalive_interval vmq_bridge.tcp.$name.outgoing_batch_size
    vmq_bridge.ssl.$name.outgoing_batch_size vmq_bridge.tcp.$name.restart_timeout
    vmq_bridge.ssl.$name.restart_timeout vmq_bridge.tcp.$name.max_outgoing_buffered_messages
    vmq_bridge.ssl.$name.max_outgoing_buffered_messages vmq_bridge.ssl.$name.depth vmq_swc.sync_interval
    vmq_swc.sync_interval.leeway vmq_swc.gc_interval vmq_swc.sync_timeout vmq_swc.fast_call_timeout
    vmq_swc.exchange_batch_size log.console.rotation.keep log.error.rotation.keep
    log.crash.rotation.keep log.sasl.rotation.keep erlang.max_ets_tables erlang.process_limit
    erlang.schedulers.force_wakeup_interval erlang.distribution.port_range.minimum
    erlang.distribution.port_range.maximum erlang.distribution.net_ticktime
    runtime_health.thresholds.busy_processes runtime_health.thresholds.busy_ports
    leveldb.maximum_memory.percent leveldb.block.restart_interval leveldb.block.size_steps
    leveldb.threads`,
  'on|off': `
    allow_anonymous allow_register_during_netsplit allow_publish_during_netsplit
    allow_subscribe_during_netsplit allow_unsubscribe_during_netsplit coordinate_registrations
    fanout.async_handoff logging.keepalive_as_warning override_max_online_messages upgrade_outgoing_qos
    listener.tcp.proxy_protocol listener.tcp.$name.proxy_protocol listener.ws.proxy_protocol
    listener.ws.$name.proxy_protocol listener.http.proxy_protocol listener.http.$name.proxy_protocol
    listener.ws.$name.proxy_xff_support listener.ws.proxy_xff_support
    listener.ws.$name.proxy_xff_use_cn_as_username listener.tcp.$name.proxy_protocol_use_cn_as_username
    listener.ws.$name.proxy_protocol_use_cn_as_username
    listener.http.$name.proxy_protocol_use_cn_as_username listener.tcp.$name.allow_anonymous_override
    listener.ssl.$name.allow_anonymous_override listener.ws.$name.allow_anonymous_override
    listener.wss.$name.allow_anonymous_override listener.ssl.require_certificate
    listener.ssl.$name.require_certificate listener.wss.require_certificate
    listener.wss.$name.require_certificate listener.vmqs.require_certificate
    listener.vmqs.$name.require_certificate listener.https.require_certificate
    listener.https.$name.require_certificate listener.ssl.use_identity_as_username
    listener.ssl.$name.use_identity_as_username listener.wss.use_identity_as_username
    listener.wss.$name.use_identity_as_username listener.tcp.forward_connection_opts
    listener.tcp.$name.forward_connection_opts listener.ssl.forward_connection_opts
    listener.ssl.$name.forward_connection_opts listener.ws.forward_connection_opts
    listener.ws.$name.forward_connection_opts listener.wss.forward_connection_opts
    listener.wss.$name.forward_connection_opts listener.ssl.psk_support listener.ssl.$name.psk_support
    systree_enabled systree_retain graphite_enabled graphite_include_labels
    suppress_lwt_on_session_takeover plugins.$name plugins.vmq_passwd plugins.vmq_acl
    plugins.vmq_diversity plugins.vmq_webhooks plugins.vmq_bridge disconnect_on_unauthorized_publish_v3
    vmq_diversity.keep_state vmq_diversity.auth_postgres.enabled vmq_diversity.postgres.ssl
    vmq_diversity.postgres.ssl.use_system_cas vmq_diversity.auth_cockroachdb.enabled
    vmq_diversity.cockroachdb.ssl vmq_diversity.cockroachdb.ssl.use_system_cas
    vmq_diversity.auth_mysql.enabled vmq_diversity.auth_mysql2.enabled vmq_diversity.mysql2.ssl
    vmq_diversity.mysql2.ssl.use_system_cas vmq_diversity.auth_mongodb.enabled vmq_diversity.mongodb.ssl
    vmq_diversity.mongodb.ssl.use_system_cas vmq_diversity.auth_redis.enabled
    vmq_webhooks.$name.base64encode vmq_webhooks.$name.no_payload vmq_webhooks.verify_peer
    vmq_webhooks.use_crls vmq_bridge.tcp.$name.cleansession vmq_bridge.ssl.$name.cleansession
    vmq_bridge.tcp.$name.persistent_queue vmq_bridge.ssl.$name.persistent_queue
    vmq_bridge.tcp.$name.try_private vmq_bridge.ssl.$name.try_private vmq_bridge.ssl.$name.insecure
    vmq_swc.periodic_gc vmq_swc.enable_broadcast vmq_swc.init_sync_procedure
    vmq_swc.prevent_nonempty_join vmq_web_ui.file_access.allow_read vmq_web_ui.file_access.allow_write
    log.console.rotation.compress_on_rotate log.error log.error.rotation.compress_on_rotate log.crash
    log.crash.rotation.compress_on_rotate log.sasl log.sasl.rotation.compress_on_rotate log.syslog sasl
    erlang.K runtime_health.triggers.port runtime_health.triggers.distribution_port
    leveldb.sync_on_write leveldb.limited_developer_mem leveldb.bloomfilter leveldb.verify_checksums
    leveldb.verify_compaction leveldb.compression leveldb.expiration`,
  'infinity|<integer>': `
    remote_enqueue_timeout listener.max_connections listener.tcp.max_connections
    listener.tcp.$name.max_connections listener.ssl.max_connections listener.ssl.$name.max_connections
    listener.ws.max_connections listener.ws.$name.max_connections listener.wss.max_connections
    listener.wss.$name.max_connections listener.vmq.max_connections listener.vmq.$name.max_connections
    listener.vmqs.max_connections listener.vmqs.$name.max_connections listener.http.max_connections
    listener.http.$name.max_connections listener.https.max_connections
    listener.https.$name.max_connections max_ws_frame_size listener.ssl.tls_handshake_timeout
    listener.ssl.$name.tls_handshake_timeout listener.wss.tls_handshake_timeout
    listener.wss.$name.tls_handshake_timeout listener.vmqs.tls_handshake_timeout
    listener.vmqs.$name.tls_handshake_timeout listener.https.tls_handshake_timeout
    listener.https.$name.tls_handshake_timeout`,
  '<list>': `
    listener.tcp.allowed_protocol_versions listener.tcp.$name.allowed_protocol_versions
    listener.ws.allowed_protocol_versions listener.ws.$name.allowed_protocol_versions
    listener.wss.allowed_protocol_versions listener.wss.$name.allowed_protocol_versions
    listener.ssl.allowed_protocol_versions listener.ssl.$name.allowed_protocol_versions`,
  '<address>': `
    listener.ws.$name listener.wss.$name listener.ssl.$name listener.vmq.$name listener.vmqs.$name
    listener.http.$name listener.https.$name`,
  '<bytes>': `
    vmq_bridge.tcp.$name.segment_size vmq_bridge.ssl.$name.segment_size leveldb.maximum_memory
    leveldb.write_buffer_size_min leveldb.write_buffer_size_max leveldb.block_cache_threshold
    leveldb.block.size`,
  '<tls>': `
    listener.ssl.tls_version listener.ssl.$name.tls_version listener.wss.tls_version
    listener.wss.$name.tls_version listener.https.tls_version listener.https.$name.tls_version`,
  https: `
    vmq_diversity.postgres.ssl.customize_hostname_check
    vmq_diversity.cockroachdb.ssl.customize_hostname_check
    vmq_diversity.mysql2.ssl.customize_hostname_check vmq_diversity.mongodb.ssl.customize_hostname_check
    vmq_bridge.ssl.$name.customize_hostname_check`,
  '<term>': 'reg_views http_modules tcp_listen_options outgoing_connect_options',
  'verify_none|verify_peer': `
    vmq_diversity.postgres.ssl.verify vmq_diversity.cockroachdb.ssl.verify
    vmq_diversity.mysql2.ssl.verify vmq_diversity.mongodb.ssl.verify`,
  'infinity|<bytes>': `
    log.console.rotation.size log.error.rotation.size log.crash.rotation.size log.sasl.rotation.size`,
  'true|false': `
    erlang.schedulers.compaction_of_load erlang.schedulers.utilization_balancing
    leveldb.fadvise_willneed leveldb.cache_object_warming`,
  on: `
    listener.tcp.proxy_protocol_use_cn_as_username listener.ws.proxy_protocol_use_cn_as_username
    listener.http.proxy_protocol_use_cn_as_username`,
  'text|json': 'log.console.console.format log.console.file.format log.error.file.format',
  '<sizes>': 'listener.tcp.buffer_sizes listener.ssl.buffer_sizes',
  '<integer 1..32767>': 'listener.tcp.active_n listener.ssl.active_n',
  '<integer 0..>': 'crl_refresh_interval erlang.fullsweep_after',
  'password|md5|sha1|sha256': `
    vmq_diversity.mysql.password_hash_method vmq_diversity.mysql2.password_hash_method`,
  'auto|<integer 1..>': 'vmq_bcrypt.pool_size vmq_bcrypt.nif_pool_size',
  '3|4|5': 'vmq_bridge.tcp.$name.mqtt_version vmq_bridge.ssl.$name.mqtt_version',
  '<percent>': 'vmq_bridge.tcp.$name.pubrel_queue_ratio vmq_bridge.ssl.$name.pubrel_queue_ratio',
  'inet|inet6': 'vmq_bridge.tcp.$name.inet_version vmq_bridge.ssl.$name.inet_version',
  'all|debug|info|warning|error': 'log.syslog.level log.level',
  '<integer ..1024>': 'erlang.schedulers.total erlang.schedulers.online',
  'off|<duration>': `
    runtime_health.triggers.process.garbage_collection runtime_health.triggers.process.long_schedule`,
  'immediate|syncwait': 'subscriber_retain_mode',
  'fifo|lifo': 'queue_type',
  'never|<period>': 'persistent_client_expiration',
  'client|<period>': 'max_last_will_delay',
  '<address>|<socket>': 'listener.tcp.$name',
  '<character>': 'listener.ssl.pskfile_separator',
  'ignore|requeue': 'shared_subscription_timeout_action',
  'vmq_plumtree|vmq_swc': 'metadata_plugin',
  'leveldb|rocksdb|leveled': 'vmq_generic_msg_store.db_backend',
  'crypt|bcrypt': 'vmq_diversity.postgres.password_hash_method',
  'sha256|bcrypt': 'vmq_diversity.cockroachdb.password_hash_method',
  'primary|primaryPreferred|secondary|secondaryPreferred|nearest': 'vmq_diversity.mongodb.read_preference',
  '<integer 1..>': 'vmq_bcrypt.nif_pool_max_overflow',
  '<integer 4..31>': 'vmq_bcrypt.default_log_rounds',
  'nif|port': 'vmq_bcrypt.mechanism',
  'auth_on_register|auth_on_publish|auth_on_subscribe|on_register|on_publish|on_subscribe|on_unsubscribe|on_deliver|on_offline_message|on_client_wakeup|on_client_offline|on_client_gone|on_session_expired|auth_on_register_m5|auth_on_publish_m5|auth_on_subscribe_m5|on_register_m5|on_publish_m5|on_subscribe_m5|on_unsubscribe_m5|on_deliver_m5|on_auth_m5': `
    vmq_webhooks.$name.hook`,
  '<integer 1..100>': 'vmq_swc.swc_groups',
  'off|file|console|both': 'log.console',
  'debug|info|notice|warning|error|critical|alert|emergency': 'log.console.level',
  'simple|extended': 'log.template',
  'enable|auto|disable': 'erlang.smp',
  '<integer 0..1024>': 'erlang.async_threads',
  '<bytes 131072..67108864 by 8>': 'erlang.async_threads.stack_size',
  '<integer 1024..134217727>': 'erlang.max_ports',
  '<bytes 1024..2147482624>': 'erlang.distribution_buffer_size',
  '<ip>': 'erlang.distribution.interface',
  'off|<bytes>': 'runtime_health.triggers.process.heap_size',
  'snappy|lz4': 'leveldb.compression.algorithm',
  'off|<integer>': 'leveldb.compaction.trigger.tombstone_count',
  'off|<integer 1..6>': 'leveldb.tiered',
  'unlimited|<duration>': 'leveldb.expiration.retention_time',
  'whole_file|normal': 'leveldb.expiration.mode',
};

/** Those of them that 2.1.2 does not know. */
export const NEW_IN_2_2_0 = `
    fanout.shard_count fanout.async_handoff max_subscriptions_per_client incoming_clustering_buffer_size
    outgoing_clustering_flush_threshold outgoing_cluster_handshake_ack_timeout cluster_ready_rpc_timeout
    listener.tcp.active_n listener.tcp.$name.active_n listener.ssl.active_n listener.ssl.$name.active_n
    listener.ws.$name.allow_anonymous_override listener.wss.$name.allow_anonymous_override
    listener.tcp.$name.auth_plugins listener.ssl.$name.auth_plugins listener.ws.$name.auth_plugins
    listener.wss.$name.auth_plugins listener.tcp.$name.authz_plugins listener.ssl.$name.authz_plugins
    listener.ws.$name.authz_plugins listener.wss.$name.authz_plugins
    listener.tcp.forward_connection_opts listener.tcp.$name.forward_connection_opts
    listener.ws.forward_connection_opts listener.ws.$name.forward_connection_opts
    vmq_swc.fast_call_timeout vmq_swc.init_sync_procedure`;
