/**
 * How does an app use WebSockets (RFC 6455)? {@link io.dormouse.websocket.WebSocketConnection}
 * comes back after the background with a new handshake. Java-WebSocket's protocol engine does the
 * framing, on the registry's I/O thread; a connection costs no thread of its own.
 *
 * <p>Handles are safe to use from any thread; callbacks run in order on the callback executor. Null
 * only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.websocket;

import org.jspecify.annotations.NullMarked;
