package io.dormouse.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import okhttp3.ConnectionPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection pools of a client and of those that the app derived from it with a pool of their
 * own. A pool that still has a socket, if only a closed one, keeps a timer until its keep-alive is
 * over, so all are emptied on a suspend. Any thread.
 */
final class Pools {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private final String connectionName;
  private final ConnectionPool own;
  private final Set<ConnectionPool> others = Collections.newSetFromMap(new WeakHashMap<>());

  Pools(String connectionName, ConnectionPool own) {
    this.connectionName = connectionName;
    this.own = own;
  }

  ConnectionPool own() {
    return own;
  }

  /** Remembers a pool, as long as somebody uses it. */
  void add(ConnectionPool pool) {
    if (pool != own) {
      synchronized (others) {
        others.add(pool);
      }
    }
  }

  /** Closes the sockets that no call uses. TLS sends close_notify, which can block. */
  void evictIdle() {
    List<ConnectionPool> pools = new ArrayList<>();
    pools.add(own);
    synchronized (others) {
      pools.addAll(others);
    }
    for (ConnectionPool pool : pools) {
      try {
        pool.evictAll();
      } catch (Throwable e) { // a socket of the app's, perhaps; the others are closed all the same
        log.error("{}: closing an idle socket threw {}", connectionName, e.getClass().getName());
      }
    }
  }
}
