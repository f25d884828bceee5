package io.dormouse.testing.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.ConnectionRegistry;
import io.dormouse.testing.SimulatedWorld;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;

/** What JUnit would call, and once JUnit itself. */
class SimulatedWorldExtensionTest {
  private final SimulatedWorldExtension extension = SimulatedWorldExtension.withSeed(42);
  private final Map<Object, Object> stored = new HashMap<>();
  private Optional<Throwable> failure = Optional.empty();
  private Optional<Method> method = Optional.of(getClass().getDeclaredMethods()[0]);

  private final ExtensionContext.Store store =
      fake(
          ExtensionContext.Store.class,
          Map.of(
              "put", arguments -> stored.put(arguments[0], arguments[1]),
              "get", arguments -> stored.get(arguments[0])));

  private final ExtensionContext test =
      fake(
          ExtensionContext.class,
          Map.of(
              "getStore", arguments -> store,
              "getTestMethod", arguments -> method,
              "getDisplayName", arguments -> "aTest()",
              "getExecutionException", arguments -> failure));

  private interface Answer {
    Object to(Object[] arguments);
  }

  private static <T> T fake(Class<T> type, Map<String, Answer> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answers.get(method.getName()).to(arguments)));
  }

  private SimulatedWorld world() {
    return (SimulatedWorld) extension.resolveParameter(null, test);
  }

  @Test
  void aTestHasOneWorldWithTheSeed() {
    assertThat(world()).isSameAs(world());
    assertThat(world().seed()).isEqualTo(42);
    extension.afterEach(test);
  }

  @Test
  void aTestThatLeaksAConnectionFailsWithTheTimeline() {
    ConnectionRegistry registry = world().registry().build();
    registry.tcp("forgotten").connectTo("203.0.113.1", 7).register();
    world().lifecycle().onForeground();
    assertThatThrownBy(() -> extension.afterEach(test))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("forgotten (")
        .hasMessageContaining("FOREGROUND, 1 connection\nNAME")
        .hasMessageContaining("-> CONNECTING");
  }

  @Test
  void aTestThatFailsByItselfShowsItsTimeline() {
    failure = Optional.of(new AssertionError("by itself"));
    ConnectionRegistry registry = world().registry().build();
    registry.tcp("forgotten").connectTo("203.0.113.1", 7).register();
    world().note("here");
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      extension.afterEach(test);
    } finally {
      System.setErr(before);
    }
    assertThat(written.toString(StandardCharsets.UTF_8)).contains("aTest() has failed", "here");
  }

  @Test
  void aTestWithoutAWorldIsLeftAlone() {
    extension.afterEach(test);
    assertThat(stored).isEmpty();
  }

  /** Every test of the class would have that one, and the first would close it. */
  @Test
  void thereIsNoneForAllTestsOfAClass() throws NoSuchMethodException {
    Parameter parameter =
        getClass().getDeclaredMethod("jUnitGivesTheWorld", SimulatedWorld.class).getParameters()[0];
    ParameterContext context =
        fake(
            ParameterContext.class,
            Map.of(
                "getParameter", arguments -> parameter,
                "getDeclaringExecutable", arguments -> parameter.getDeclaringExecutable()));
    assertThat(extension.supportsParameter(context, test)).isTrue();
    method = Optional.empty();
    assertThat(extension.supportsParameter(context, test)).isFalse();
  }

  @Test
  @ExtendWith(SimulatedWorldExtension.class)
  void jUnitGivesTheWorld(SimulatedWorld world) {
    assertThat(world.seed()).isEqualTo(1);
    assertThat(world.report()).isEmpty();
  }
}
