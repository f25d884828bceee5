package io.dormouse.network;

import java.net.InetSocketAddress;

/** The simulated network's datagrams, on virtual time. */
class SimulatedDatagramsTest extends DatagramContractTest {
  private static final int PORT = 9_000;

  private final LoopFrame.Simulated frame = new LoopFrame.Simulated();

  @Override
  LoopFrame frame() {
    return frame;
  }

  @Override
  InetSocketAddress serveEcho() {
    frame.host.serveDatagrams(PORT, (from, data, reply) -> reply.accept(data));
    return frame.host.at(PORT);
  }

  @Override
  InetSocketAddress unreachable() {
    return frame.host.at(PORT + 1);
  }
}
