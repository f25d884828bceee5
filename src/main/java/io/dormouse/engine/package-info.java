/**
 * What moves one connection to where it is wanted, and all of them together to sleep and back?
 *
 * <p>From the inside out: {@link io.dormouse.engine.Machine} is the state table, a pure function.
 * {@link io.dormouse.engine.Link} carries out what the table says for one connection. {@link
 * io.dormouse.engine.Reconciler} decides what is wanted and keeps the suspend and the resume
 * together; {@link io.dormouse.engine.Engine} is what the rest of the library asks, on any thread.
 * {@link io.dormouse.engine.Wire} is what a kind of connection implements; {@link
 * io.dormouse.engine.ManagedConnection} is the handle it gives to the app.
 *
 * <p>All of it runs on the loop, except where a method says otherwise. Null only where
 * {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.engine;

import org.jspecify.annotations.NullMarked;
