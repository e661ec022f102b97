import com.pulumiverse.alicloudkms.KmsInstanceArgs;
import com.pulumiverse.alicloudkms.enums.LogSwitch;
import com.pulumiverse.alicloudkms.inputs.BindVpcArgs;

/** Each line that ends in "wrong" is an error of the compiler; the other lines are fine. */
class Wrong {
    void wrong() {
        KmsInstanceArgs.builder().spec(1000).log(LogSwitch.On);
        KmsInstanceArgs.builder().spec("1000"); // wrong
        KmsInstanceArgs.builder().instanceName(1); // wrong
        KmsInstanceArgs.builder().deletionProtection("true"); // wrong
        KmsInstanceArgs.builder().zoneIds(1); // wrong
        KmsInstanceArgs.builder().paymentType("Subscription"); // wrong
        KmsInstanceArgs.builder().name("kms"); // wrong
        BindVpcArgs.builder().vpcOwnerId(1234567890123456L); // wrong
    }
}
