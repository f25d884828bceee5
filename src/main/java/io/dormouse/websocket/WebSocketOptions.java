package io.dormouse.websocket;

import io.dormouse.stream.StreamOptions;
import io.dormouse.tls.TlsClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The settings of a WebSocket.
 *
 * @param request what the handshake asks for
 * @param tls how to use TLS, if the URL says wss
 * @param compression what is offered to the server; empty for none
 * @param redirects how many are followed at most
 * @param stream how the socket is set up
 * @param subprotocols offered to the server, in order of preference
 * @param connectTimeout for look-up and connect
 * @param handshakeTimeout for the server's answer to the handshake
 * @param maxMessageBytes of a received message
 * @param pingInterval how often to ping; empty for never
 * @param pingTimeout how long the server may take to answer
 */
record WebSocketOptions(
    RequestSource request,
    TlsClient tls,
    Optional<Compression> compression,
    int redirects,
    StreamOptions stream,
    List<String> subprotocols,
    Duration connectTimeout,
    Duration handshakeTimeout,
    int maxMessageBytes,
    Optional<Duration> pingInterval,
    Duration pingTimeout) {}
