./banq-intermediary demo    # a shop on http://127.0.0.1:8080/widget/, a phone on http://127.0.0.1:8081/app
