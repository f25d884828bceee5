package io.dormouse.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tells hosts' addresses by their names, if it does. */
public final class NameServer {
  private final SimulatedNetwork network;
  private final Map<String, List<InetAddress>> names = new HashMap<>();
  private Duration delay = Duration.ofMillis(20);
  private boolean failing;
  private int asked;

  NameServer(SimulatedNetwork network) {
    this.network = network;
  }

  /**
   * From now on a name has these addresses, in this order.
   *
   * @param name the host's
   * @param addresses at least one
   */
  public void set(String name, InetAddress... addresses) {
    names.put(name, List.of(addresses));
  }

  /**
   * How long it takes to answer; a very long time for one that hangs.
   *
   * @param time zero or more; 20 ms where nothing is said
   */
  public void delay(Duration time) {
    delay = time;
  }

  /**
   * From now on it says of every name that there is none, or no longer does so.
   *
   * @param on whether it fails
   */
  public void fail(boolean on) {
    failing = on;
  }

  /**
   * Returns how often it was asked.
   *
   * @return 0 or more
   */
  public int asked() {
    return asked;
  }

  /** Blocks the caller for as long as it takes. */
  List<InetAddress> resolve(String name) throws UnknownHostException {
    asked++;
    try {
      network.blocking().sleep(delay);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException(name);
    }
    List<InetAddress> addresses = names.get(name);
    if (failing || addresses == null || network.isOffline()) {
      throw new UnknownHostException(name);
    }
    return addresses;
  }
}
