/**
 * How does an {@code OkHttpClient} live with the app's lifecycle? {@link
 * io.dormouse.http.HttpConnection} is the handle, {@link io.dormouse.http.HttpBuilder} makes it
 * from the app's own client.
 *
 * <p>From the outside in: {@code EntryInterceptor}, the first of a call's interceptors, lets it
 * pass, refuses it or makes it wait ({@code Entry}), as {@code Gate} says; {@code SendInterceptor},
 * the last, does so again for a call that a suspend has taken back before it was sent; {@code
 * CallEvents} hears from OkHttp what becomes of the call, and asks the gate before it opens a
 * socket and before it sends; {@code GatedCall} is what the gate knows of it; {@code SocketTracker}
 * makes the sockets and remembers them; {@code HttpWire} opens and closes all of these for the
 * engine. For the app there are {@code InFlight} and {@code WhileSuspended}, and two exceptions:
 * {@code SuspendedException} if nothing was sent, {@code CutOffException} if something was.
 *
 * <p>The handle and the client are safe to use from any thread. Calls run where OkHttp runs them;
 * only one that waits at the gate is held up there, on its own thread. The builder is used by one
 * thread. Null only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.http;

import org.jspecify.annotations.NullMarked;
