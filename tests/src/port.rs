//! A free port that stays ours although nothing listens on it yet, or while a killed server is away.

use std::net::Ipv4Addr;

use tokio::net::TcpSocket;

/// A port of this machine. On Linux it is held by a socket that does not listen: the system then gives it to no one
/// who asks for any port, and a server that asks for this very one gets it (both allow the address to be reused).
pub(crate) struct Port {
    number: u16,
    _held: Option<TcpSocket>,
}

impl Port {
    /// Takes a free one.
    pub(crate) fn free() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let number = socket.local_addr().unwrap().port();
        Self { number, _held: cfg!(target_os = "linux").then_some(socket) }
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::Port;

    #[test]
    fn a_port_that_is_held_is_given_to_its_server_alone() {
        let port = Port::free();
        for _ in 0..2 {
            let server = TcpListener::bind((Ipv4Addr::LOCALHOST, port.number())).unwrap();
            assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port.number())).is_err(), "it listens");
            drop(server);
        }
    }
}
