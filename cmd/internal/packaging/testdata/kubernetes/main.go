// Kubernetes reads manifests as the API server does, and refuses what it does not know. It is a module
// of its own, so that Kubernetes' types are no module of guestlist's.
//
//	go run . FILE...
package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

func main() {
	for _, path := range os.Args[1:] {
		if err := check(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func check(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	if err := batchv1.AddToScheme(scheme); err != nil {
		return err
	}
	if err := corev1.AddToScheme(scheme); err != nil {
		return err
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	jobs := 0
	for _, manifest := range bytes.Split(content, []byte("\n---\n")) {
		object, kind, err := decoder.Decode(manifest, nil, nil)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s\n", path, kind.Kind)
		if job, ok := object.(*batchv1.CronJob); ok {
			jobs++
			if err := checkPod(&job.Spec.JobTemplate.Spec.Template.Spec); err != nil {
				return err
			}
		}
	}
	if jobs == 0 {
		return fmt.Errorf("there is no CronJob")
	}
	return nil
}

// checkPod checks what the restricted Pod Security Standard asks for, and that the root cannot be
// written to: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
func checkPod(pod *corev1.PodSpec) error {
	context := pod.SecurityContext
	switch {
	case context == nil || context.RunAsNonRoot == nil || !*context.RunAsNonRoot || context.RunAsUser == nil || *context.RunAsUser == 0:
		return fmt.Errorf("the pod may run as root")
	case context.SeccompProfile == nil || context.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault:
		return fmt.Errorf("the pod has no seccomp profile")
	case pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken:
		return fmt.Errorf("the pod gets a token of the cluster")
	}
	for _, container := range pod.Containers {
		own := container.SecurityContext
		switch {
		case own == nil || own.AllowPrivilegeEscalation == nil || *own.AllowPrivilegeEscalation:
			return fmt.Errorf("container %s may gain rights", container.Name)
		case own.ReadOnlyRootFilesystem == nil || !*own.ReadOnlyRootFilesystem:
			return fmt.Errorf("the root of container %s can be written to", container.Name)
		case own.Capabilities == nil || !slices.Contains(own.Capabilities.Drop, "ALL"):
			return fmt.Errorf("container %s keeps capabilities", container.Name)
		}
	}
	return nil
}
