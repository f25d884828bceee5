package io.dormouse.http;

import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionState;
import okhttp3.OkHttpClient;

/**
 * An {@link OkHttpClient} whose sockets follow the app's lifecycle. {@link ConnectionState#OPEN}
 * means that calls may begin; sockets are made as the calls need them. {@link
 * ConnectionState#DRAINING} means that none may begin, and that those in flight are finishing.
 *
 * <p>In flight is what was executed or enqueued before, until its response body is closed. A
 * response without an end, which is an upgrade to WebSocket or a {@code text/event-stream}, is not
 * waited for; it is cut off when the calls in flight are done. So is a call that the app did not
 * get through within the registry's budget, and one whose response it has stopped reading. A tag on
 * the request, {@link InFlight}, says otherwise for a single call. A call that is cut off fails
 * with a {@link CutOffException}, and so does the reading of its body.
 */
public interface HttpConnection extends Connection {
  /**
   * {@return the client, which is always the same object} Clients that are derived from it with
   * {@code newBuilder()} follow the lifecycle too, unless they are given another socket factory, or
   * the connection pool of another client, or are robbed of their interceptors. An event listener,
   * a dispatcher or a pool of their own is fine; the pool is emptied on a suspend. With both a
   * listener and a dispatcher of their own, calls that still queue when the app leaves are not
   * drained, but refused or made to wait as those that begin later.
   *
   * <p>The interceptors of the given client run once for each call. Those that are added to a
   * derived client run again if a call that has sent nothing yet outlives a suspend, since they
   * stand below the place where it waits; so does nothing else.
   *
   * <p>Its calls fail with a {@link SuspendedException} or wait while the app is in the background,
   * as the builder was told; those that the cache could answer, too. After {@link #close()} they
   * fail with a {@link io.dormouse.connection.NotOpenException}, of which the other is one: as with
   * all kinds of connections it says that nothing was sent.
   */
  OkHttpClient client();
}
