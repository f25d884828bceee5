package io.dormouse.testing;

import io.dormouse.loop.Loop;
import io.dormouse.network.Network;

/** What tests of the library use of a simulated network, and apps can't. */
public final class Simulations {
  private Simulations() {}

  /** Creates a network without hosts. Its timers run on the loop. */
  public static SimulatedNetwork network(Loop loop, long seed) {
    return new SimulatedNetwork(loop, seed);
  }

  /** Returns what the library sees of it. */
  public static Network seenBy(SimulatedNetwork network) {
    return network.asNetwork();
  }

  /** Returns how many timers of the loop are the network's own. */
  public static int pendingTimers(SimulatedNetwork network) {
    return network.pendingTimers();
  }
}
