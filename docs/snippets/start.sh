./banq-intermediary --config intermediary.toml webhooks register
./banq-intermediary --config intermediary.toml
