/**
 * What is a connection, and what does it say? {@link io.dormouse.connection.Connection} is the
 * handle that all kinds share: its {@linkplain io.dormouse.connection.ConnectionState state}, why
 * its last socket {@linkplain io.dormouse.connection.CloseReason closed}, its {@linkplain
 * io.dormouse.connection.ConnectionSnapshot snapshot}, and who hears of it.
 *
 * <p><b>Who owns what is sent</b>, the same for all kinds: from {@code send} until its future is
 * done the library reads a buffer or an array, so the app must not change its content meanwhile. It
 * may keep and read it, and send it again. The position and the limit of a buffer are not moved.
 * What is received is the app's own, to keep and to change.
 *
 * <p><b>Not usable now</b>: a send that can't go out since the connection is not open fails with a
 * {@link io.dormouse.connection.NotOpenException}, which is an {@code IOException} and says in
 * which state it was. One that was accepted and then not written fails with a {@link
 * io.dormouse.connection.SendFailedException}.
 *
 * <p>Handles are safe to use from any thread. Listeners are called on the callback executor, and
 * futures complete on a thread of the library; neither is in the middle of I/O, so both may block.
 * Null only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.connection;

import org.jspecify.annotations.NullMarked;
