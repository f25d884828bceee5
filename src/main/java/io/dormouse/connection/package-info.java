/**
 * What is a connection, and what does it say? {@link io.dormouse.connection.Connection} is the
 * handle that all kinds share: its {@linkplain io.dormouse.connection.ConnectionState state}, why
 * its last socket {@linkplain io.dormouse.connection.CloseReason closed}, and who hears of it.
 *
 * <p>Handles are safe to use from any thread. Listeners and futures are called on the callback
 * executor, never in the middle of I/O, so they may block. Null only where {@code @Nullable} says
 * so.
 */
@NullMarked
package io.dormouse.connection;

import org.jspecify.annotations.NullMarked;
