package io.dormouse.example.platforms;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.crac.CheckpointLifecycle;
import io.dormouse.tcp.TcpConnection;
import org.crac.Core;

/** A service that is checkpointed when it is warm: {@code java -XX:CRaCCheckpointTo=image ...}. */
public final class CheckpointedService {
  private final CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
  private final ConnectionRegistry registry = ConnectionRegistry.builder(checkpoints).build();
  private final TcpConnection orders;

  public CheckpointedService(String host, int port) {
    checkpoints.guard(registry);
    orders = registry.tcp("orders").connectTo(host, port).register();
  }

  /** With {@code jcmd PID JDK.checkpoint}, and on AWS Lambda SnapStart, somebody else does this. */
  public void checkpoint() throws Exception {
    Core.checkpointRestore(); // the image is written with no socket open; here it goes on
    orders.whenOpen().join(); // and the connections are back
  }
}
