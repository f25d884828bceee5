package app;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.crac.CheckpointLifecycle;
import io.dormouse.observe.jfr.JfrEvents;
import io.dormouse.observe.micrometer.RegistryMetrics;
import io.dormouse.testing.junit.SimulatedWorldExtension;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.crac.Core;
import org.junit.jupiter.api.extension.Extension;

/** Uses each room that needs a module which only some apps have. */
public final class App {
  public static void main(String[] args) throws Exception {
    Module dormouse = ConnectionRegistry.class.getModule();
    for (Module optional : ModuleLayer.boot().modules()) {
      switch (optional.getName()) {
        case "java.desktop", "jdk.jfr", "micrometer.core", "org.crac", "org.junit.jupiter.api" ->
            require(dormouse.canRead(optional), "io.dormouse to read " + optional);
        default -> {}
      }
    }
    CheckpointLifecycle checkpoints = CheckpointLifecycle.register();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (ConnectionRegistry registry = ConnectionRegistry.builder(checkpoints).build();
        JfrEvents events = JfrEvents.of(registry);
        RegistryMetrics metrics = new RegistryMetrics(registry)) {
      checkpoints.guard(registry);
      registry.http("http").register().whenOpen().get();
      metrics.bindTo(meters);
      require(meters.getMeters().size() > 5, "meters");
      checkpoints.beforeCheckpoint(Core.getGlobalContext());
      registry.assertQuiescent();
      checkpoints.afterRestore(Core.getGlobalContext());
    }
    Extension extension = new SimulatedWorldExtension();
    System.out.println("meters, events, a checkpoint, and " + extension);
  }

  private static void require(boolean held, String what) {
    if (!held) {
      throw new AssertionError("expected " + what);
    }
  }
}
