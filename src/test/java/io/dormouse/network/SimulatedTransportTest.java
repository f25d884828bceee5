package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.dormouse.testing.Peer;
import io.dormouse.testing.Peers;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** The simulated network's streams, on virtual time. */
class SimulatedTransportTest extends TransportContractTest {
  private static final int PORT = 9_000;

  private final LoopFrame.Simulated frame = new LoopFrame.Simulated();

  @Override
  LoopFrame frame() {
    return frame;
  }

  @Override
  InetSocketAddress serve(Behaviour behaviour) {
    Supplier<Peer> peer =
        switch (behaviour) {
          case ECHOES -> Peers.echo();
          case READS_NOTHING -> Peers.unread();
          case ENDS_ITS_SIDE_AFTER_WORDS -> Peers.halfClosing(US_ASCII.encode(WORDS));
          case RESETS_AFTER_A_BYTE -> Peers.resetAfter(1);
        };
    frame.host.serve(PORT, peer);
    return frame.host.at(PORT);
  }

  @Override
  InetSocketAddress refused() {
    return frame.host.at(PORT);
  }
}
