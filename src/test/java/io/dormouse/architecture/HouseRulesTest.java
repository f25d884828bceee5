package io.dormouse.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.dormouse.ConnectionRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** The rules of the house, and that each of them can fail. */
class HouseRulesTest {
  /** The rooms that an app sees. The module descriptor says the same; see {@link #exportsAgree}. */
  private static final Set<String> EXPORTED =
      Set.of(
          "io.dormouse",
          "io.dormouse.connection",
          "io.dormouse.http",
          "io.dormouse.lifecycle",
          "io.dormouse.lifecycle.android",
          "io.dormouse.lifecycle.crac",
          "io.dormouse.lifecycle.desktop",
          "io.dormouse.lifecycle.harmony",
          "io.dormouse.lifecycle.jvm",
          "io.dormouse.observe",
          "io.dormouse.observe.jfr",
          "io.dormouse.observe.micrometer",
          "io.dormouse.observe.timeline",
          "io.dormouse.reconnect",
          "io.dormouse.task",
          "io.dormouse.tcp",
          "io.dormouse.testing",
          "io.dormouse.testing.junit",
          "io.dormouse.udp",
          "io.dormouse.websocket");

  private static final List<String> ADAPTERS =
      List.of(
          "lifecycle.android",
          "lifecycle.crac",
          "lifecycle.desktop",
          "lifecycle.harmony",
          "lifecycle.jvm",
          "observe.jfr",
          "observe.micrometer");

  private static final String[] INTERNAL = {
    "io.dormouse.callbacks..",
    "io.dormouse.check..",
    "io.dormouse.engine..",
    "io.dormouse.log..",
    "io.dormouse.loop..",
    "io.dormouse.network..",
    "io.dormouse.stream..",
    "io.dormouse.tls.."
  };

  private static final JavaClasses LIBRARY =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.dormouse");

  /** Test classes that break each rule once. */
  private static final JavaClasses WRONG =
      new ClassFileImporter().importPackages("io.dormouse.architecture.wrong");

  private static ArchRule roomsHaveNoCircles(String root) {
    return slices().matching(root + ".(*)..").should().beFreeOfCycles();
  }

  /** The test kit is no room below it: it makes registries. */
  private static ArchRule noRoomImportsTheFrontDoor(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".*..")
        .and()
        .resideOutsideOfPackage(root + ".testing..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(root);
  }

  private static ArchRule internalsStayInside(Set<String> exported, String... internal) {
    return classes().that(areSeenByApps(exported)).should(notShow(resideInAnyPackage(internal)));
  }

  /** The JDK's loses all that it has when there is no memory to grow. */
  private static ArchRule noArrayDeque(String root) {
    return noClasses()
        .that()
        .resideInAnyPackage(root + ".engine..", root + ".callbacks..", root + ".loop..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.ArrayDeque");
  }

  private static ArchRule theLoopKnowsOnlyTheLog(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".loop..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    DescribedPredicate.not(resideInAnyPackage(root + ".loop..", root + ".log.."))));
  }

  private static ArchRule theLogKnowsNobody(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".log..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(DescribedPredicate.not(resideInAPackage(root + ".log.."))));
  }

  private static ArchRule callbacksKnowOnlyTheLoopAndTheLog(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".callbacks..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage(
                            root + ".callbacks..", root + ".loop..", root + ".log.."))));
  }

  private static ArchRule theNetworkKnowsOnlyRoomsBelowIt(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".network..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage(
                            root + ".network..",
                            root + ".loop..",
                            root + ".check..",
                            root + ".log..",
                            root + ".connection.."))));
  }

  /** What is not on every platform or class path, by the one room that may use it. */
  private static final Map<String, String> OPTIONAL =
      Map.of(
          "lifecycle.android", "android..",
          "lifecycle.crac", "org.crac..",
          "lifecycle.desktop", "java.awt..",
          "observe.jfr", "jdk.jfr..",
          "observe.micrometer", "io.micrometer..",
          "testing.junit", "org.junit..");

  /** A class of such a room is loaded only when the app names it, so nobody else does. */
  private static ArchRule noRoomKnowsTheAdapter(String root, String room) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackage(root + "." + room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(root + "." + room + "..");
  }

  private static ArchRule onlyTheAdapterUses(String root, String room, String optional) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackage(root + "." + room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(optional);
  }

  private static ArchRule adaptersKnowOnlyRoomsBelowThem(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".lifecycle.*..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage(
                            root + ".lifecycle..",
                            root + ".task..",
                            root + ".connection..",
                            root + ".check..",
                            root + ".log.."))));
  }

  private static ArchRule roomsThatObserveKnowOnlyRoomsBelowThem(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".observe.*..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage(
                            root + ".observe..", root + ".task..", root + ".connection.."))));
  }

  private static ArchRule roomsDontKnowEachOther(String above) {
    return slices().matching(above + ".(*)..").should().notDependOnEachOther();
  }

  /** What only one room may ask of the system, since all else must run in a simulation too. */
  private static final Map<String, List<String>> ASKED_BY =
      Map.of(
          "network",
          List.of(
              "java.nio.channels.SocketChannel.open",
              "java.nio.channels.DatagramChannel.open",
              "java.net.InetAddress.getAllByName",
              "java.net.NetworkInterface.getNetworkInterfaces",
              "java.time.Instant.now",
              "java.lang.System.currentTimeMillis",
              "java.util.concurrent.ThreadLocalRandom.current"),
          "loop",
          List.of("java.lang.System.nanoTime"));

  private static ArchRule isAskedOnlyBy(String root, String room, String call) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackage(root + "." + room + "..")
        .should()
        .accessTargetWhere(
            new DescribedPredicate<JavaAccess<?>>(call) {
              @Override
              public boolean test(JavaAccess<?> access) {
                return call.equals(access.getTargetOwner().getName() + "." + access.getName());
              }
            });
  }

  private static ArchRule kindsDontKnowEachOther(String root, String kind) {
    return noClasses()
        .that()
        .resideInAPackage(root + "." + kind + "..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    root + ".http..", root + ".tcp..", root + ".udp..", root + ".websocket..")
                .and(DescribedPredicate.not(resideInAPackage(root + "." + kind + ".."))));
  }

  @Test
  void noCirclesBetweenRooms() {
    roomsHaveNoCircles("io.dormouse").check(LIBRARY);
    mustFail(roomsHaveNoCircles("io.dormouse.architecture.wrong"));
  }

  /** A rule over slices is worth nothing if everything is in one slice. */
  @Test
  void eachRoomIsASliceOfItsOwn() {
    Set<String> rooms = new LinkedHashSet<>();
    LIBRARY.forEach(c -> rooms.add(c.getPackageName()));
    Assertions.assertThat(rooms).hasSizeGreaterThan(10).containsAll(EXPORTED);
  }

  @Test
  void noRoomImportsTheFrontDoor() {
    noRoomImportsTheFrontDoor("io.dormouse").check(LIBRARY);
    mustFail(noRoomImportsTheFrontDoor("io.dormouse.architecture.wrong"));
  }

  @Test
  void internalsAppearInNoExportedSignature() {
    internalsStayInside(EXPORTED, INTERNAL).check(LIBRARY);
    mustFail(
        internalsStayInside(
            Set.of("io.dormouse.architecture.wrong.shown"),
            "io.dormouse.architecture.wrong.loop.."));
  }

  @Test
  void noArrayDequeHoldsWhatMustNotBeLost() {
    noArrayDeque("io.dormouse").check(LIBRARY);
    mustFail(noArrayDeque("io.dormouse.architecture.wrong"));
  }

  @Test
  void theLoopKnowsOnlyTheLog() {
    theLoopKnowsOnlyTheLog("io.dormouse").check(LIBRARY);
    mustFail(theLoopKnowsOnlyTheLog("io.dormouse.architecture.wrong"));
  }

  @Test
  void theLogKnowsNobody() {
    theLogKnowsNobody("io.dormouse").check(LIBRARY);
    mustFail(theLogKnowsNobody("io.dormouse.architecture.wrong"));
  }

  @Test
  void callbacksKnowOnlyTheLoopAndTheLog() {
    callbacksKnowOnlyTheLoopAndTheLog("io.dormouse").check(LIBRARY);
    mustFail(callbacksKnowOnlyTheLoopAndTheLog("io.dormouse.architecture.wrong"));
  }

  @Test
  void kindsDontKnowEachOther() {
    for (String kind : List.of("http", "tcp", "udp", "websocket")) {
      kindsDontKnowEachOther("io.dormouse", kind).check(LIBRARY);
    }
    mustFail(kindsDontKnowEachOther("io.dormouse.architecture.wrong", "tcp"));
  }

  @Test
  void theNetworkKnowsOnlyRoomsBelowIt() {
    theNetworkKnowsOnlyRoomsBelowIt("io.dormouse").check(LIBRARY);
    mustFail(theNetworkKnowsOnlyRoomsBelowIt("io.dormouse.architecture.wrong"));
  }

  @Test
  void onlyTheNetworkAndTheLoopAskTheSystem() {
    ASKED_BY.forEach(
        (room, calls) -> {
          for (String call : calls) {
            isAskedOnlyBy("io.dormouse", room, call).check(LIBRARY);
            mustFail(isAskedOnlyBy("io.dormouse.architecture.wrong", room, call));
          }
        });
  }

  @Test
  void whatIsOptionalIsUsedByOneRoomWhichNoOtherKnows() {
    OPTIONAL.forEach(
        (room, optional) -> {
          onlyTheAdapterUses("io.dormouse", room, optional).check(LIBRARY);
          mustFail(onlyTheAdapterUses("io.dormouse.architecture.wrong", room, optional));
        });
    List<String> known = new ArrayList<>(ADAPTERS);
    known.addAll(List.of("testing", "testing.junit")); // only tests load them
    for (String room : known) {
      noRoomKnowsTheAdapter("io.dormouse", room).check(LIBRARY);
      mustFail(noRoomKnowsTheAdapter("io.dormouse.architecture.wrong", room));
    }
  }

  @Test
  void adaptersKnowOnlyRoomsBelowThemAndNotEachOther() {
    adaptersKnowOnlyRoomsBelowThem("io.dormouse").check(LIBRARY);
    mustFail(adaptersKnowOnlyRoomsBelowThem("io.dormouse.architecture.wrong"));
    roomsDontKnowEachOther("io.dormouse.lifecycle").check(LIBRARY);
    mustFail(roomsDontKnowEachOther("io.dormouse.architecture.wrong.lifecycle"));
  }

  @Test
  void roomsThatObserveKnowOnlyRoomsBelowThemAndNotEachOther() {
    roomsThatObserveKnowOnlyRoomsBelowThem("io.dormouse").check(LIBRARY);
    mustFail(roomsThatObserveKnowOnlyRoomsBelowThem("io.dormouse.architecture.wrong"));
    roomsDontKnowEachOther("io.dormouse.observe").check(LIBRARY);
    mustFail(roomsDontKnowEachOther("io.dormouse.architecture.wrong.observe"));
  }

  @Test
  void exportsAgree() throws Exception {
    Set<String> exports = new LinkedHashSet<>();
    descriptor().exports().forEach(export -> exports.add(export.source()));
    Assertions.assertThat(exports).isEqualTo(EXPORTED);
  }

  /** Nobody who uses none of the adapters needs anything for them. */
  @Test
  void whatIsOptionalIsNotNeededToRun() throws Exception {
    Set<String> needed = new LinkedHashSet<>();
    for (ModuleDescriptor.Requires required : descriptor().requires()) {
      if (!required.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC)) {
        needed.add(required.name());
      }
    }
    Assertions.assertThat(needed)
        .containsExactlyInAnyOrder("java.base", "okhttp3", "org.java_websocket", "org.slf4j");
  }

  /** javac wants each module that is required transitively, static or not. */
  @Test
  void whatIsOptionalIsNotNeededToCompile() throws Exception {
    Set<String> wanted = new LinkedHashSet<>();
    for (ModuleDescriptor.Requires required : descriptor().requires()) {
      if (required.modifiers().contains(ModuleDescriptor.Requires.Modifier.TRANSITIVE)) {
        wanted.add(required.name());
      }
    }
    Assertions.assertThat(wanted).containsExactlyInAnyOrder("okhttp3", "org.jspecify");
  }

  private static ModuleDescriptor descriptor() throws IOException {
    URL classes = ConnectionRegistry.class.getProtectionDomain().getCodeSource().getLocation();
    try (InputStream in = new URL(classes, "module-info.class").openStream()) {
      return ModuleDescriptor.read(in);
    }
  }

  private static void mustFail(ArchRule rule) {
    Assertions.assertThat(rule.evaluate(WRONG).hasViolation())
        .as("the guard can fail: %s", rule.getDescription())
        .isTrue();
  }

  private static DescribedPredicate<JavaClass> areSeenByApps(Set<String> exported) {
    return new DescribedPredicate<>("are public and exported") {
      @Override
      public boolean test(JavaClass c) {
        return exported.contains(c.getPackageName()) && isVisible(c);
      }

      private boolean isVisible(JavaClass c) {
        boolean visible =
            c.getModifiers().contains(JavaModifier.PUBLIC)
                || c.getModifiers().contains(JavaModifier.PROTECTED);
        return visible && c.getEnclosingClass().map(this::isVisible).orElse(true);
      }
    };
  }

  private static ArchCondition<JavaClass> notShow(DescribedPredicate<JavaClass> hidden) {
    return new ArchCondition<>("not show classes that " + hidden.getDescription()) {
      @Override
      public void check(JavaClass c, ConditionEvents events) {
        List<JavaType> shown = new ArrayList<>(c.getInterfaces());
        c.getSuperclass().ifPresent(shown::add);
        for (JavaMember member : c.getMembers()) {
          boolean visible =
              member.getModifiers().contains(JavaModifier.PUBLIC)
                  || member.getModifiers().contains(JavaModifier.PROTECTED);
          if (visible && member instanceof JavaCodeUnit unit) {
            shown.add(unit.getReturnType());
            shown.addAll(unit.getParameterTypes());
            unit.getThrowsClause().getTypes().forEach(shown::add);
          } else if (visible && member instanceof JavaField field) {
            shown.add(field.getType());
          }
        }
        for (JavaType type : shown) {
          for (JavaClass raw : type.getAllInvolvedRawTypes()) {
            if (hidden.test(raw)) {
              events.add(SimpleConditionEvent.violated(c, c.getName() + " shows " + raw.getName()));
            }
          }
        }
      }
    };
  }
}
