package io.dormouse.testing.junit;

import io.dormouse.testing.SimulatedWorld;
import java.lang.reflect.Constructor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test its {@link SimulatedWorld} as a parameter, the same one to its {@code @BeforeEach}
 * and {@code @AfterEach} methods. A test that leaves a connection registered, or a socket open,
 * fails, and its message has the {@linkplain SimulatedWorld#report() report}. That of a test which
 * fails by itself is written to the standard error output.
 *
 * <pre>{@code
 * @ExtendWith(SimulatedWorldExtension.class)
 * class ChatTest {
 *   @Test
 *   void signsIn(SimulatedWorld world) { … }
 * }
 * }</pre>
 *
 * <p>A constructor gets none, nor does a {@code @BeforeAll} or {@code @AfterAll} method, since what
 * is made there may outlive a test.
 */
@SuppressWarnings("exports") // a module that uses this requires org.junit.jupiter.api itself
public final class SimulatedWorldExtension implements ParameterResolver, AfterEachCallback {
  private static final Namespace OURS = Namespace.create(SimulatedWorldExtension.class);

  private final long seed;

  /** Creates one whose worlds have the seed 1. */
  public SimulatedWorldExtension() {
    this(1);
  }

  private SimulatedWorldExtension(long seed) {
    this.seed = seed;
  }

  /**
   * Returns one for {@code @RegisterExtension}.
   *
   * @param seed of each world
   * @return a new one
   */
  public static SimulatedWorldExtension withSeed(long seed) {
    return new SimulatedWorldExtension(seed);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == SimulatedWorld.class
        && test.getTestMethod().isPresent()
        && !(parameter.getDeclaringExecutable() instanceof Constructor);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    SimulatedWorld world = find(test);
    if (world == null) {
      world = new SimulatedWorld(seed);
      test.getStore(OURS).put(SimulatedWorld.class, world);
    }
    return world;
  }

  /** After the test's own methods for that, which close what it has made. */
  @Override
  public void afterEach(ExtensionContext test) {
    SimulatedWorld world = find(test);
    if (world == null) {
      return; // the test has none
    }
    try {
      if (test.getExecutionException().isPresent()) {
        System.err.println(test.getDisplayName() + " has failed\n" + world.report());
      } else {
        world.assertNothingLeaks();
      }
    } finally {
      world.close();
    }
  }

  private static @Nullable SimulatedWorld find(ExtensionContext test) {
    return test.getStore(OURS).get(SimulatedWorld.class, SimulatedWorld.class);
  }
}
