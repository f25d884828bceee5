package io.dormouse.websocket;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What was said of a WebSocket.
 *
 * @param url asked for each attempt, on a worker thread
 * @param headers the same
 * @param subprotocols offered to the server, in order of preference
 * @param connectTimeout for look-up and connect
 * @param handshakeTimeout for the server's answer to the handshake
 * @param maxMessageBytes of a received message
 * @param heartbeat how often to ping; empty for never
 * @param heartbeatAnswer how long the server may take to answer
 */
record WebSocketOptions(
    Supplier<URI> url,
    Supplier<Map<String, String>> headers,
    List<String> subprotocols,
    Duration connectTimeout,
    Duration handshakeTimeout,
    int maxMessageBytes,
    Optional<Duration> heartbeat,
    Duration heartbeatAnswer) {}
