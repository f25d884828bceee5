/**
 * How does an app use WebSockets (RFC 6455)? {@link io.dormouse.websocket.WebSocketConnection}
 * comes back after the background with a new handshake. Frames are read and made here, on the
 * registry's I/O thread; Java-WebSocket makes the opening handshake. A connection costs no thread
 * of its own.
 *
 * <p>Handles are safe to use from any thread; callbacks run in order on the callback executor. Null
 * only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.websocket;

import org.jspecify.annotations.NullMarked;
